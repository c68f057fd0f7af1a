using Scanner.Model;

namespace Scanner.Store.Functions;

/// <summary>A principal as a statement names it.</summary>
/// <param name="Type"><c>AWS</c>, <c>Service</c>, <c>Federated</c> or <c>CanonicalUser</c>.</param>
/// <param name="Name">ARN, account id, service name, provider; <c>*</c> is everybody.</param>
internal sealed record PolicyPrincipal(string Type, string Name)
{
    public const string Aws = "AWS";

    /// <summary>Everybody, signed in or not: <c>"*"</c> and <c>{"AWS": "*"}</c> mean the same (IAM user guide, "Principal").</summary>
    public static readonly PolicyPrincipal Everybody = new(Aws, "*");

    public bool IsEverybody => Type == Aws && Name == "*";

    /// <summary>Twelve digits, where the principal is an account or of one; null otherwise.</summary>
    public string? Account => Type != Aws ? null
        : AwsAccountId.Is(Name) ? Name
        : Name.Split(':') is ["arn", _, "iam" or "sts", _, var account, ..] && AwsAccountId.Is(account) ? account
        : null;

    /// <summary>Whether it is an account as a whole: its id, or its root.</summary>
    public bool IsAccount => AwsAccountId.Is(Name) || (Account is not null && Name.EndsWith(":root", StringComparison.Ordinal));

    /// <summary>Whether it takes in another principal: everybody all, an account all that are of it, others themselves.</summary>
    public bool Includes(PolicyPrincipal other) =>
        IsEverybody
        || (Type == other.Type && Name == other.Name)
        || (Type == Aws && IsAccount && other.Account == Account);
}
