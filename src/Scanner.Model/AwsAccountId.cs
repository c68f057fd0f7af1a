namespace Scanner.Model;

/// <summary>AWS account ids: twelve digits, as text, since many begin with 0.</summary>
public static class AwsAccountId
{
    /// <summary>Whether a text is an account id.</summary>
    public static bool Is(string? text) => text is { Length: 12 } && text.All(char.IsAsciiDigit);
}
