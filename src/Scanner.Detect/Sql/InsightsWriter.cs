using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Sql;

/// <summary>
/// Writes a rule in the query language of CloudWatch Logs Insights. The fields are those that Logs Insights finds in JSON: the first 200 of an
/// event, elements of lists under their number (CloudWatch Logs user guide, "Supported logs and discovered fields").
/// </summary>
internal sealed class InsightsWriter
{
    private static readonly HashSet<string> Documents = new(StringComparer.OrdinalIgnoreCase) { "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails" };

    // As CloudTrail spells them: names of fields have a case here, and Sigma's have none.
    private static readonly Dictionary<string, string> Spelled = new[]
    {
        "eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage", "requestID", "eventID", "readOnly",
        "eventType", "apiVersion", "managementEvent", "recipientAccountId", "sharedEventID", "vpcEndpointId", "eventCategory", "sessionCredentialFromConsole",
        "userIdentity.type", "userIdentity.principalId", "userIdentity.arn", "userIdentity.accountId", "userIdentity.accessKeyId", "userIdentity.userName", "userIdentity.invokedBy",
    }.ToDictionary(name => name, StringComparer.OrdinalIgnoreCase);

    private readonly List<ConversionNote> _notes = [];
    private bool _isNegated;

    internal IReadOnlyList<ConversionNote> Notes =>
        [.. _notes.GroupBy(note => note.Text, StringComparer.Ordinal).Select(group => new ConversionNote(group.Key, group.Any(note => note.MayMiss)))];

    internal string Query(DetectionRule rule)
    {
        if (rule.IsCorrelation)
            throw new NotSupportedException("it is a correlation, and Logs Insights counts in spans that follow each other, not in the time before each event; run it over the events: --events logs:GROUP");
        return "fields @timestamp, eventName, eventSource, userIdentity.arn, sourceIPAddress, awsRegion, recipientAccountId, errorCode, eventID, @message\n"
            + $"| filter {Condition(rule.Expression!)}\n| sort @timestamp desc\n| limit 10000";
    }

    private string Condition(Expression expression) => expression switch
    {
        Expression.And { Parts.Count: 0 } => "ispresent(@timestamp)",
        Expression.Or { Parts.Count: 0 } => "not ispresent(@timestamp)",
        Expression.And and => "(" + string.Join(" and ", and.Parts.Select(Condition)) + ")",
        Expression.Or or => "(" + string.Join(" or ", OrParts(or)) + ")",
        Expression.Not not => $"not ({Negated(not.Part)})",
        Expression.AtLeast { Count: 1 } some => Condition(new Expression.Or(some.Parts)),
        Expression.AtLeast some when some.Count == some.Parts.Count => Condition(new Expression.And(some.Parts)),
        Expression.AtLeast => throw new NotSupportedException("Logs Insights cannot count how many of several conditions hold"),
        Expression.Match match => Test(match),
        _ => throw new NotSupportedException("an unknown expression"),
    };

    private string Negated(Expression part)
    {
        _isNegated = !_isNegated;
        var text = Condition(part);
        _isNegated = !_isNegated;
        return text;
    }

    /// <summary>Many texts of one field are one list.</summary>
    private IEnumerable<string> OrParts(Expression.Or or)
    {
        var lists = or.Parts.OfType<Expression.Match>()
            .Where(match => match.Field is not null && match.Test is ValueTest.Text)
            .GroupBy(match => (match.Field, ((ValueTest.Text)match.Test).Cased))
            .Where(group => group.Count() > 1)
            .ToList();
        var listed = lists.SelectMany(list => list).ToHashSet<Expression>(ReferenceEqualityComparer.Instance);
        foreach (var list in lists)
            yield return Texts(list.Key.Field!, list.Key.Cased, [.. list.Select(match => ((ValueTest.Text)match.Test).Pattern)]);
        foreach (var part in or.Parts.Where(part => !listed.Contains(part)))
            yield return Condition(part);
    }

    private string Test(Expression.Match match)
    {
        if (match.Field is null)
            throw new NotSupportedException("it looks for keywords in all values of an event, and Logs Insights would find names of fields too");
        switch (match.Test)
        {
            case ValueTest.Text text:
                return Texts(match.Field, text.Cased, [text.Pattern]);
            case ValueTest.Regex regex:
                return $"{Field(match.Field)} like {Written(Flags(regex.IgnoreCase, regex.MultiLine, regex.SingleLine), Portable(regex))}";
            case ValueTest.Cidr cidr:
                var version = cidr.Network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "6" : "4";
                return $"isIpv{version}InSubnet({Field(match.Field)}, \"{cidr.Network}\")";
            case ValueTest.Number number:
                var field = Field(match.Field);
                return string.Create(CultureInfo.InvariantCulture, $"({field} like /^-?[0-9]+([.][0-9]+)?$/ and {field} {number.Operator} {number.Value})");
            case ValueTest.SameNumber number:
                return string.Create(CultureInfo.InvariantCulture, $"({Field(match.Field)} = \"{number.Written}\" or {Field(match.Field)} = {number.Value})");
            case ValueTest.IsNull:
                // What is missing passes; what Logs Insights does not find counts as missing.
                _isNegated = !_isNegated;
                var missing = Field(match.Field);
                _isNegated = !_isNegated;
                return $"not ispresent({missing})";
            case ValueTest.Exists:
                return $"ispresent({Field(match.Field)})";
            case ValueTest.FieldReference:
                throw new NotSupportedException("it compares two fields of an event");
            case ValueTest.TimePart:
                throw new NotSupportedException("it tests a part of a time");
            default:
                throw new NotSupportedException("an unknown test");
        }
    }

    private string Texts(string field, bool cased, IReadOnlyList<TextPattern> patterns)
    {
        var name = Field(field);
        if (patterns.Any(pattern => pattern.Tokens.Count == 1 && ReferenceEquals(pattern.Tokens[0], TextPattern.Any)))
            return $"ispresent({name})";
        if (patterns.All(pattern => pattern.Literal is "true" or "false"))
        {
            // JSON's booleans are 1 and 0 in Logs Insights.
            var bits = patterns.Select(pattern => pattern.Literal == "true" ? "1" : "0");
            return $"({name} like {Written("(?i)", "^(?:" + string.Join('|', patterns.Select(pattern => pattern.Literal)) + ")$")} or {name} in [{string.Join(", ", bits)}])";
        }

        var texts = patterns.Select(Pattern).ToList();
        return $"{name} like {Written(cased ? "(?s)" : "(?is)", texts.Count == 1 ? $"^{texts[0]}$" : $"^(?:{string.Join('|', texts)})$")}";
    }

    private static string Pattern(TextPattern pattern) => string.Concat(pattern.Tokens.Select(token =>
        ReferenceEquals(token, TextPattern.Any) ? ".*" : ReferenceEquals(token, TextPattern.One) ? "." : ReferenceEquals(token, TextPattern.Dash) ? "[-/–—―]" :
        string.Concat(token.Select(c => c is > ' ' and < '\u007f' and not ('_' or '-' or ':' or '/') && !char.IsAsciiLetterOrDigit(c) ? $"\\{c}" : c.ToString()))));

    /// <summary>An expression stands between slashes.</summary>
    private static string Written(string flags, string pattern)
    {
        if (pattern.Any(char.IsControl))
            throw new NotSupportedException("it looks for a control character");
        var written = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '/')
                written.Append('\\');
            written.Append(pattern[i]);
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
                written.Append(pattern[++i]);
        }

        return $"/{flags}{written}/";
    }

    private static string Flags(bool ignoreCase, bool multiLine, bool singleLine)
    {
        var flags = (ignoreCase ? "i" : "") + (multiLine ? "m" : "") + (singleLine ? "s" : "");
        return flags.Length > 0 ? $"(?{flags})" : "";
    }

    private static string Portable(ValueTest.Regex regex)
    {
        try
        {
            _ = new Regex(regex.Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Regex.InfiniteMatchTimeout);
            return regex.Pattern;
        }
        catch (NotSupportedException e)
        {
            throw new NotSupportedException($"its regular expression needs backtracking (look-around or back-references): {e.Message}", e);
        }
    }

    private string Field(string field)
    {
        if (Spelled.TryGetValue(field, out var known))
            return known;
        var segments = field.Split('.');
        if (segments.Any(segment => segment.Length == 0 || segment.Any(c => c is '`' or '"' or '\\' or '/' || char.IsControl(c))))
            throw new NotSupportedException($"the field name '{field}' has characters that Logs Insights does not take");
        if (segments[0].Equals("resources", StringComparison.OrdinalIgnoreCase) || segments.Contains("items", StringComparer.Ordinal))
            throw new NotSupportedException($"'{field}' goes through a list, whose elements Logs Insights knows by their number alone; run it over the events: --events logs:GROUP");
        if (Documents.Contains(segments[0]) || segments.Length > 2)
            _notes.Add(new ConversionNote($"Logs Insights finds the first 200 fields of an event, and elements of a list by their number alone: '{field}' counts as missing where it is a later one, or within a list", !_isNegated));
        return string.Join('.', segments.Select(segment => segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '_') ? segment : $"`{segment}`"));
    }
}
