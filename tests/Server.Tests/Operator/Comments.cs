using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>The comments in the sources of the server, as the compiler collects them.</summary>
internal sealed partial class Comments
{
    private readonly Dictionary<string, XElement> _members =
        XDocument.Load(Path.ChangeExtension(typeof(App).Assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value);

    public string? Summary(MemberInfo member) => Text(Of(member)?.Element("summary"));

    public string? Remarks(MemberInfo member) => Text(Of(member)?.Element("remarks"));

    public JsonNode? Example(Type type) => Of(type)?.Element("example") is { } example ? JsonNode.Parse(example.Value) : null;

    public string? Parameter(MethodInfo method, string name) => Text(_members
        .First(member => member.Key.StartsWith($"M:{Name(method.DeclaringType!)}.{method.Name}(", StringComparison.Ordinal)).Value
        .Elements("param").First(parameter => parameter.Attribute("name")!.Value == name));

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var parts = element.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement see => see.Attribute("cref")?.Value.Split('.').Last() ?? see.Value,
            _ => ((XText)node).Value,
        });
        return Spaces().Replace(string.Concat(parts), " ").Trim();
    }

    private XElement? Of(MemberInfo member) => _members.GetValueOrDefault(member switch
    {
        Type type => $"T:{Name(type)}",
        FieldInfo field => $"F:{Name(field.DeclaringType!)}.{field.Name}",
        _ => $"P:{Name(Open(member.DeclaringType!))}.{member.Name}",
    });

    private static Type Open(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
