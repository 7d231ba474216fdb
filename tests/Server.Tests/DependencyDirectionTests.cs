using System.Reflection;
using System.Reflection.Emit;
using System.Xml.Linq;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>Api/* uses the feature folders, these use Storage and Core, and never the other way round; read
/// from the compiled code.</summary>
[SqliteOnly]
public sealed class DependencyDirectionTests
{
    private const string Root = "Simkeeper.Server";
    private const BindingFlags Declared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly string[] Features = ["Sims", "Operations", "Commands", "Carriers", "Deliveries", "Jobs", "Accounts", "Clock", "Usage"];
    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    [Fact]
    public void Core_references_nothing_but_the_base_library()
    {
        var references = typeof(Lifecycle).Assembly.GetReferencedAssemblies().Select(name => name.Name!);
        var project = XDocument.Load(Path.Combine(TestFolder.Sources, "src", "Core", "Core.csproj"));

        Assert.All(references, name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.DoesNotContain(project.Descendants(),
            element => element.Name.LocalName is "PackageReference" or "ProjectReference" or "FrameworkReference");
    }

    [Fact]
    public void The_three_APIs_do_not_know_each_other()
    {
        string[] apis = ["Dialects.Gigs", "Dialects.Kore"];
        Assert.All(apis, api => Assert.Contains(Uses(), use => In(use.From, api)));

        Assert.DoesNotContain(Uses(), use => apis.Any(api => In(use.From, api) && apis.Any(other => other != api && In(use.To, other))));
    }

    [Fact]
    public void Features_and_storage_do_not_know_the_APIs()
    {
        Assert.All(Features, feature => Assert.Contains(Uses(), use => In(use.From, feature)));

        Assert.DoesNotContain(Uses(), use => Features.Append("Storage").Any(feature => In(use.From, feature)) && In(use.To, "Api"));
    }

    [Fact]
    public void Storage_knows_no_feature()
    {
        Assert.Contains(Uses(), use => In(use.From, "Storage"));

        Assert.DoesNotContain(Uses(), use => In(use.From, "Storage") && Features.Any(feature => In(use.To, feature)));
    }

    [Fact]
    public void The_server_does_not_know_the_program() =>
        Assert.DoesNotContain("simkeeper", typeof(App).Assembly.GetReferencedAssemblies().Select(name => name.Name));

    private static bool In(string type, string folder) => type.StartsWith($"{Root}.{folder}.", StringComparison.Ordinal);

    /// <summary>Every use of one type of the server by another: in signatures, fields, bases and code.</summary>
    private static HashSet<(string From, string To)> Uses()
    {
        var uses = new HashSet<(string, string)>();
        foreach (var type in typeof(App).Assembly.GetTypes())
        {
            foreach (var used in Used(type).SelectMany(Parts).Where(used => used.Assembly == type.Assembly))
                uses.Add((Outermost(type), Outermost(used)));
        }
        return uses;
    }

    private static IEnumerable<Type?> Used(Type type) =>
    [
        type.BaseType, .. type.GetInterfaces(), .. type.GetFields(Declared).Select(field => field.FieldType),
        .. type.GetMembers(Declared).OfType<MethodBase>().SelectMany(Used),
    ];

    private static IEnumerable<Type?> Used(MethodBase method)
    {
        foreach (var parameter in method.GetParameters())
            yield return parameter.ParameterType;
        yield return (method as MethodInfo)?.ReturnType;
        if (method.GetMethodBody() is not { } body)
            yield break;
        foreach (var local in body.LocalVariables)
            yield return local.LocalType;
        foreach (var member in Tokens(method, body.GetILAsByteArray()!))
        {
            yield return member as Type ?? member.DeclaringType;
            if (member is MethodInfo { IsGenericMethod: true } generic)
            {
                foreach (var argument in generic.GetGenericArguments())
                    yield return argument;
            }
        }
    }

    /// <summary>The members that the instructions of a method name (ECMA-335 III).</summary>
    private static IEnumerable<MemberInfo> Tokens(MethodBase method, byte[] code)
    {
        var typeArguments = method.DeclaringType!.GetGenericArguments();
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            var operand = OpCodes[value].OperandType;
            at += OpCodes[value].Size;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                yield return method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments)!;
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type? type) => type switch
    {
        null => [],
        { HasElementType: true } => Parts(type.GetElementType()),
        { IsGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
        _ => [type],
    };

    private static string Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.FullName ?? type.Name;
    }
}
