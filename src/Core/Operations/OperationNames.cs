namespace Simkeeper.Core.Operations;

/// <summary>The words of an operation's properties, in the store and for operators.</summary>
public static class OperationNames
{
    public static readonly Words<OperationKind> Kinds = new(ToWire);
    public static readonly Words<OperationState> States = new(ToWire);

    public static string ToWire(this OperationKind kind) => kind switch
    {
        OperationKind.Status => "status",
        OperationKind.Reset => "reset",
    };

    public static string ToWire(this OperationState state) => state switch
    {
        OperationState.Open => "open",
        OperationState.Done => "done",
        OperationState.Refused => "refused",
        OperationState.Expired => "expired",
        OperationState.Withdrawn => "withdrawn",
    };
}
