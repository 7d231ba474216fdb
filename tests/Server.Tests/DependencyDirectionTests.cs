using System.Reflection;
using System.Reflection.Emit;
using System.Xml.Linq;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>
/// Dialects use the operator API, both use the feature rooms, these use Storage and Core, and none the other way round: read from the
/// compiled code. The vendors' names stand in the dialects only: read from the sources.
/// </summary>
[SqliteOnly]
public sealed class DependencyDirectionTests
{
    private const string Root = "Simkeeper.Server";
    private const BindingFlags Declared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The rooms of the server. Each uses only those before it.</summary>
    private static readonly string[] Rooms =
    [
        "Hosting", "Storage", "Clock", "Jobs", "Accounts", "Carriers", "Sims", "Operations", "Usage", "Commands", "Feeds", "Deliveries",
        "Operator", "Dialects.Twilio", "Dialects.Kore", "Dialects.Gigs",
    ];

    /// <summary>The vendors' names, in small letters.</summary>
    private static readonly string[] Vendors = ["gigs", "kore", "twilio", "super sim"];

    /// <summary>Files outside the dialects that may name a vendor, each with its reason.</summary>
    private static readonly Dictionary<string, string> MayNameVendors = new()
    {
        ["Server/App.cs"] = "the list of features",
        ["Server/Storage/Migrations/0001_inventory.sql"] = "applied already",
        ["Server/Storage/Migrations/0002_deliveries.sql"] = "applied already",
        ["Server/Storage/Migrations/0005_accounts.sql"] = "applied already",
        ["Server/Storage/Migrations/0007_dialects.sql"] = "says whose the stored callbacks and deliveries are",
        ["Server/Operator/Accounts/KeyAnswer.cs"] = "tells readers of the document which kinds of keys there are",
        ["Server/Operator/Accounts/NewKey.cs"] = "tells readers of the document which kinds of keys there are",
        ["Server/Operator/Sims/SimAnswer.cs"] = "a member on the wire",
        ["Core/Sims/Metadata.cs"] = "the prefix of keys that a platform keeps for itself, fixed by the contract",
    };

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
    public void Every_room_is_in_the_order()
    {
        var rooms = Uses().Select(use => Room(use.From)).OfType<string>().Distinct();

        Assert.Equal(Rooms.Order(), rooms.Order());
    }

    [Fact]
    public void A_room_uses_only_those_before_it()
    {
        var wrong = Uses().Select(use => (use.From, use.To, FromRoom: Room(use.From), ToRoom: Room(use.To)))
            .Where(use => use is { FromRoom: not null, ToRoom: not null }
                && Array.IndexOf(Rooms, use.FromRoom) < Array.IndexOf(Rooms, use.ToRoom))
            .ToList();

        Assert.Empty(wrong.Select(use => $"{use.From} uses {use.To}"));
    }

    [Fact]
    public void Dialects_do_not_know_each_other_but_for_what_they_share() =>
        Assert.DoesNotContain(Uses(), use => In(use.From, "Dialects") && In(use.To, "Dialects")
            && Room(use.From) != Room(use.To) && !In(use.To, "Dialects.Twilio"));

    [Fact]
    public void No_vendor_is_named_outside_its_dialect()
    {
        var sources = Path.Combine(TestFolder.Sources, "src");
        var files = new[] { "Core", "Server" }.SelectMany(project => new[] { "*.cs", "*.sql" }.SelectMany(pattern =>
                Directory.EnumerateFiles(Path.Combine(sources, project), pattern, SearchOption.AllDirectories)))
            .Select(path => Path.GetRelativePath(sources, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("Server/Dialects/", StringComparison.Ordinal)).ToList();
        Assert.True(files.Count > 100, "The sources were not found.");
        var naming = files.Where(path => NamesVendor(File.ReadAllText(Path.Combine(sources, path)))).ToHashSet();

        Assert.Empty(naming.Except(MayNameVendors.Keys));
        Assert.Empty(MayNameVendors.Keys.Except(naming));
    }

    [Fact]
    public void The_server_does_not_know_the_program() =>
        Assert.DoesNotContain("simkeeper", typeof(App).Assembly.GetReferencedAssemblies().Select(name => name.Name));

    private static bool NamesVendor(string text) => Vendors.Any(vendor => text.Contains(vendor, StringComparison.OrdinalIgnoreCase));

    /// <summary>The room of a type; null: it is in none.</summary>
    private static string? Room(string type) => type.Split('.') switch
    {
        ["Simkeeper", "Server", "Dialects", var dialect, _, ..] => $"Dialects.{dialect}",
        ["Simkeeper", "Server", var room, _, ..] => room,
        _ => null,
    };

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
