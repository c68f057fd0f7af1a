using System.Buffers;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>Takes the texts that a plan calls sensitive out of everything that leaves the program. Messages are made in SQL, so this is done at the exit.</summary>
internal sealed class Redaction
{
    /// <summary>What stands in their place.</summary>
    public const string Mark = "(sensitive)";

    private readonly string[] _secrets;
    private readonly SearchValues<string>? _any;

    /// <summary>Prepares the texts; the longest are replaced first, since one may be part of another.</summary>
    public Redaction(IEnumerable<string> secrets)
    {
        _secrets = [.. secrets.Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];
        _any = _secrets.Length == 0 ? null : SearchValues.Create(_secrets, StringComparison.Ordinal);
    }

    /// <summary>A text without them.</summary>
    public string Of(string text)
    {
        if (_any is null || !text.AsSpan().ContainsAny(_any))
            return text;
        foreach (var secret in _secrets)
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
        return text;
    }

    /// <summary>JSON without them: there they are escaped.</summary>
    public string OfJson(string json)
    {
        if (_secrets.Length == 0)
            return json;
        foreach (var secret in _secrets)
            json = json.Replace(JsonEncodedText.Encode(secret).ToString(), Mark, StringComparison.Ordinal);
        return json;
    }

    /// <summary>A finding without them. Addresses are code, and Terraform lets no sensitive value into one.</summary>
    public Finding Of(Finding finding) => _any is null ? finding : finding with
    {
        Resource = finding.Resource == finding.Address ? finding.Resource : Of(finding.Resource),
        Message = Of(finding.Message),
        MutedReason = finding.MutedReason is null ? null : Of(finding.MutedReason),
        // A line with the mark in it would fix nothing.
        Location = finding.Location is { Suggestion: { } line } at && line.AsSpan().ContainsAny(_any) ? at with { Suggestion = null } : finding.Location,
        Causes = [.. finding.Causes.Select(cause => cause with { Reason = cause.Reason is null ? null : Of(cause.Reason) })],
    };

    /// <summary>An ignore without them: its reason is somebody's text.</summary>
    public GateIgnore Of(GateIgnore ignore) => ignore with { Reason = Of(ignore.Reason) };
}
