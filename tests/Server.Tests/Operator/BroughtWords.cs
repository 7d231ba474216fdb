using System.Reflection;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>The words of properties whose values other features bring, which the records of the operator API do not list.</summary>
internal sealed class BroughtWords(IEnumerable<KeyKind> keys)
{
    /// <summary>All that the property may be; null: no feature brings its words.</summary>
    public IEnumerable<string>? Of(PropertyInfo property) => (property.DeclaringType!.Name, property.Name) switch
    {
        (nameof(NewAccountKey), nameof(NewAccountKey.Kind)) => keys.Where(kind => kind.IsOfAccount).Select(kind => kind.Word),
        (nameof(KeyAnswer), nameof(KeyAnswer.Kind)) => keys.Select(kind => kind.Word),
        (nameof(CarrierAnswerRecord), nameof(CarrierAnswerRecord.Kind)) => CarrierKind.All.Select(kind => kind.Name),
        (nameof(EventAnswer), nameof(EventAnswer.Type)) => EventAnswer.Types,
        _ => null,
    };
}
