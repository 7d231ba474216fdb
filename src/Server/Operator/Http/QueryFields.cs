using System.Globalization;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>The parameters of a query. Of one that comes twice the last counts, unless it is a list.</summary>
internal sealed class QueryFields : Fields
{
    private readonly List<KeyValuePair<string, string>> _given;
    private readonly List<string> _known = [];

    private QueryFields(List<KeyValuePair<string, string>> given, List<Field>? described) : base(described) => _given = given;

    /// <summary>Reads a query, with the error in its place if anything is wrong with it.</summary>
    public static Result<T> Read<T>(HttpRequest request) where T : IReadQuery<T>
    {
        var fields = new QueryFields(request.QueryParameters(), null);
        var read = T.Read(fields);
        fields.RefuseUnknownAndEmpty();
        return fields.Error is { } error ? error : read;
    }

    /// <summary>Every parameter that is read.</summary>
    public static IReadOnlyList<Field> Describe<T>() where T : IReadQuery<T>
    {
        var described = new List<Field>();
        T.Read(new QueryFields([], described));
        return described;
    }

    /// <summary>Which page of a list is wanted.</summary>
    public Paging Paging()
    {
        var wrong = $"limit is a whole number from 1 to {Operator.Paging.LimitMax}.";
        Describe(new Field("limit", "integer", false)
        {
            Min = 1,
            Max = Operator.Paging.LimitMax,
            Default = Operator.Paging.LimitDefault.ToString(),
        });
        var limit = Operator.Paging.LimitDefault;
        if (TextOf("limit") is { } text
            && (!int.TryParse(text, NumberStyles.None, null, out limit) || limit is < 1 or > Operator.Paging.LimitMax))
            Refuse("limit", wrong);
        return new Paging { Limit = limit, After = Cursor("after", "page") };
    }

    /// <summary>True or false; false if it is absent.</summary>
    public bool Flag(string name)
    {
        Describe(new Field(name, "boolean", false));
        var text = TextOf(name);
        if (text is not (null or "" or "true" or "false"))
            Refuse(name, $"{name} is true or false.");
        return text == "true";
    }

    /// <summary>All values of a parameter that may come more than once.</summary>
    public IReadOnlyList<string> Texts(string name, int max)
    {
        Describe(new Field(name, "array", false) { Min = 1, Max = max });
        _known.Add(name);
        return [.. _given.Where(parameter => parameter.Key == name).Select(parameter => parameter.Value)];
    }

    protected override string? TextOf(string name)
    {
        _known.Add(name);
        var at = _given.FindLastIndex(parameter => parameter.Key == name);
        return at < 0 ? null : _given[at].Value;
    }

    private void RefuseUnknownAndEmpty()
    {
        foreach (var (name, value) in _given)
        {
            if (!_known.Contains(name))
                RefuseFirst(new(ErrorCode.InvalidValue, $"Unknown parameter {Requests.Shown(name)}. Leave it out.", Requests.Shown(name)));
            else if (value.Length == 0)
                RefuseFirst(new(ErrorCode.InvalidValue, $"{name} is empty. Give it a value, or leave it out.", name));
            else
                continue;
            return;
        }
    }
}
