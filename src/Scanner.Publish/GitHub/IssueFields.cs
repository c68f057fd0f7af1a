using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>
/// An organization's own fields of issues (REST <c>/orgs/{org}/issue-fields</c>, since 2026), as far as they say what our labels say otherwise: "Severity" (single
/// select or text), "Due date" and "Accepted until" (dates). A repository of a person has none, nor does one whose token may not see them.
/// </summary>
internal sealed class IssueFields
{
    /// <summary>Name of the field that ends an accepted risk; case does not matter.</summary>
    public const string AcceptedUntil = "Accepted until";

    private readonly FieldReply? _severity;
    private readonly FieldReply? _due;

    /// <summary>Finds the fields that are ours by name and kind.</summary>
    public IssueFields(IReadOnlyList<FieldReply> fields)
    {
        _severity = Find(fields, "Severity", "single_select", "text");
        _due = Find(fields, "Due date", "date") ?? Find(fields, "Due", "date");
        if (_severity is { DataType: "single_select" } select && !select.Options.Any(option => Enum.GetValues<Severity>().Any(severity => Is(option.Name, Names.Of(severity)))))
            _severity = null;
    }

    /// <summary>No fields.</summary>
    public static IssueFields None { get; } = new([]);

    /// <summary>Whether a field says when an issue is due, so that no label has to.</summary>
    public bool HasDue => _due is not null;

    /// <summary>Values to send with an issue; empty where there are no fields.</summary>
    /// <param name="severity">Of the check.</param>
    /// <param name="due">When it is due; null where that is not to be touched.</param>
    /// <param name="there">What the issue has now.</param>
    public object[] Values(Severity severity, DateOnly? due, IReadOnlyList<FieldValueReply> there)
    {
        var values = new List<object>();
        if (_severity is { } field && (field.DataType == "text" ? Names.Of(severity) : field.Options.Select(option => option.Name).FirstOrDefault(name => Is(name, Names.Of(severity)))) is { } word
            && !there.Any(value => value.IssueFieldId == field.Id && Is(value.SingleSelectOption?.Name ?? value.Text, word)))
            values.Add(Value(field, word));
        if (_due is { } when && due is { } day && !there.Any(value => value.IssueFieldId == when.Id && value.Text is { Length: > 0 }))
            values.Add(Value(when, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        return [.. values];
    }

    /// <summary>The day until which an issue is to be fixed, from the organization's field where it is filled in, else from the label; null for none.</summary>
    /// <param name="issue">An issue.</param>
    public static DateOnly? DueOf(IssueReply issue)
    {
        var texts = (issue.IssueFieldValues ?? []).Where(value => Is(value.IssueFieldName, "Due date") || Is(value.IssueFieldName, "Due")).Select(value => value.Text ?? "")
            .Concat(issue.Labels.Where(label => label.Name.StartsWith(LabelSpec.Due, StringComparison.Ordinal)).Select(label => label.Name[LabelSpec.Due.Length..]));
        return texts.Select(text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : (DateOnly?)null).FirstOrDefault(day => day is not null);
    }

    /// <summary>Days until a finding of a severity is due, from when its issue was opened; null where nothing presses.</summary>
    public static int? DaysUntilDue(Severity severity) => severity switch
    {
        Severity.Critical => 7,
        Severity.High => 30,
        Severity.Medium => 90,
        Severity.Low => 180,
        _ => null,
    };

    private static Dictionary<string, object> Value(FieldReply field, string value) => new(StringComparer.Ordinal) { ["field_id"] = field.Id, ["value"] = value };

    private static FieldReply? Find(IReadOnlyList<FieldReply> fields, string name, params string[] kinds) => fields.FirstOrDefault(field => Is(field.Name, name) && kinds.Contains(field.DataType, StringComparer.Ordinal));

    private static bool Is(string? one, string other) => string.Equals(one?.Trim(), other, StringComparison.OrdinalIgnoreCase);
}
