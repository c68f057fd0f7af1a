using System.Globalization;
using System.Text;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Sql;

/// <summary>How an engine holds events, and the functions that engines name differently.</summary>
internal abstract class SqlFields
{
    /// <summary>A test of a text: given a SQL expression of type text, gives a condition, which may be null for null.</summary>
    internal delegate string TextTest(string text);

    private readonly List<ConversionNote> _notes = [];

    // Whether the test that is being written stands under an odd number of negations.
    private bool _isNegated;

    /// <summary>Whether a condition that was written is true of more events than the rule is: they have to be looked at here.</summary>
    internal bool IsGuess { get; private set; }

    /// <summary>Whether what is being written will be turned round.</summary>
    protected bool IsNegated => _isNegated;

    /// <summary>Says that the condition being written is true of more events than the rule is.</summary>
    protected void Guess() => IsGuess = true;

    /// <summary>What was lost so far, each once; what may miss matches anywhere is said to do so.</summary>
    internal IReadOnlyList<ConversionNote> Notes =>
        [.. _notes.GroupBy(note => note.Text, StringComparer.Ordinal).Select(group => new ConversionNote(group.Key, group.Any(note => note.MayMiss)))];

    /// <summary>Writes what is negated: a test that fails for want of a column lets it match more there, not less.</summary>
    internal T Negated<T>(Func<T> write)
    {
        _isNegated = !_isNegated;
        var written = write();
        _isNegated = !_isNegated;
        return written;
    }

    /// <summary>The SQL text of a literal. Control characters are spelled out, since engines differ on them.</summary>
    internal static string Literal(string text)
    {
        var parts = new List<string>();
        var plain = new StringBuilder();
        foreach (var c in text)
        {
            if (c < ' ' || c == '\u007f')
            {
                if (plain.Length > 0)
                    parts.Add($"'{plain}'");
                plain.Clear();
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"chr({(int)c})"));
            }
            else
            {
                plain.Append(c == '\'' ? "''" : c.ToString());
            }
        }

        if (plain.Length > 0 || parts.Count == 0)
            parts.Add($"'{plain}'");
        return parts.Count == 1 ? parts[0] : $"({string.Join(" || ", parts)})";
    }

    internal static string Number(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? text : text + "E0";
    }

    /// <summary>Most alternatives side by side that the engine's compiler takes; null: there is no limit.</summary>
    internal virtual int? MostAlternatives => null;

    /// <summary>Whether any value of the field passes; true or false, never null.</summary>
    internal abstract string Any(string field, TextTest test);

    /// <summary>Whether any leaf of the event passes (a keyword).</summary>
    internal abstract string AnyLeaf(TextTest test);

    /// <summary>Whether the field is missing or null.</summary>
    internal abstract string IsNull(string field);

    /// <summary>Whether the field is there.</summary>
    internal abstract string Exists(string field);

    /// <summary>Whether any value of one field and any of another pass together.</summary>
    internal abstract string AnyPair(string field, string other, Func<string, string, string> test);

    /// <summary>The first value of the field as text, or null.</summary>
    internal abstract string First(string field);

    /// <summary>One of <see cref="EventColumns.Touched"/> as text, or null, also where there is no column for it; null: the engine has the event whole.</summary>
    internal virtual string? Touched(string field) => null;

    /// <summary>All values of the field as an array of text; may be null.</summary>
    internal abstract string All(string field);

    /// <summary>Whether the field has one value at the most.</summary>
    internal abstract bool IsOneText(string field);

    /// <summary>The different elements of an array of text, or one null where it has none; null: the engine cannot make rows of an array.</summary>
    internal abstract string? OneOrMore(string array);

    /// <summary>Seconds since 1970 of the event.</summary>
    internal abstract string Seconds();

    /// <summary>A condition: the regular expression is found in the text.</summary>
    internal abstract string Matches(string text, string pattern);

    internal abstract string Cidr(string text, ValueTest.Cidr cidr);

    /// <summary>A condition: the text is an address in any of the networks.</summary>
    internal virtual string AnyCidr(string text, IReadOnlyList<ValueTest.Cidr> networks) => "(" + string.Join(" or ", networks.Select(network => Cidr(text, network))) + ")";

    /// <summary>A condition: the text is like a pattern, whose escape is <c>!</c>.</summary>
    internal static string Like(string text, string pattern) => $"{text} like {pattern} escape '!'";

    /// <summary>A condition: the text is like any of the patterns, which are all of one form.</summary>
    /// <param name="text">An expression of type text, folded to lower case unless <paramref name="cased"/>.</param>
    /// <param name="form">What they have in common.</param>
    /// <param name="patterns">Without their wildcards; of <see cref="LikeForm.Pattern"/> as <see cref="Like"/> has them.</param>
    /// <param name="cased">Whether case counts.</param>
    internal virtual string AnyLike(string text, LikeForm form, IReadOnlyList<string> patterns, bool cased)
    {
        return "(" + string.Join(" or ", patterns.Select(pattern => Like(text, FoldedLiteral(form switch
        {
            LikeForm.Contains => $"%{Escaped(pattern)}%",
            LikeForm.StartsWith => Escaped(pattern) + "%",
            LikeForm.EndsWith => "%" + Escaped(pattern),
            _ => pattern,
        }, cased)))) + ")";
    }

    /// <summary>Text for <see cref="Like"/> that stands for itself.</summary>
    internal static string Escaped(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);

    internal static string Folded(string text, bool cased) => cased ? text : $"lower({text})";

    /// <summary>A constant as <see cref="Folded"/> has it. Engines differ in how they fold what is not ASCII.</summary>
    internal static string FoldedLiteral(string text, bool cased) => !cased && Ascii.IsValid(text) ? Literal(text.ToLowerInvariant()) : Folded(Literal(text), cased);

    /// <summary>How many different values there are in arrays of text within a window.</summary>
    internal abstract string CountDistinct(string arrays, string window);

    internal abstract string Array(string elements);

    /// <summary>The elements of an array of text that are not null as one text; empty or null where there is none.</summary>
    internal abstract string Joined(string array, char separator);

    /// <summary>Columns that hold fields of an event as they are needed to judge it here, and not more of it than that.</summary>
    /// <param name="names">The fields; those of <see cref="EventColumns"/> need no column more.</param>
    /// <exception cref="NotSupportedException">A name cannot stand in a path.</exception>
    internal abstract IReadOnlyList<KeptColumn> Kept(IReadOnlyCollection<string> names);

    /// <summary>Path segments go into quoted paths: what could end the quotes is refused.</summary>
    protected static string[] Segments(string field)
    {
        var segments = field.Split('.');
        foreach (var segment in segments)
        {
            if (segment.Length == 0 || segment.Any(c => c is '"' or '\\' or '\'' or '$' or '*' || char.IsControl(c)))
                throw new NotSupportedException($"the field name '{field}' has characters that a path cannot have");
        }

        return segments;
    }

    /// <summary>Notes that the test being written comes out false where a local run's may be true.</summary>
    protected void NoteFailing(string text) => _notes.Add(new ConversionNote(text, !_isNegated));

    /// <summary>Notes a difference that no event of AWS shows.</summary>
    protected void NoteHarmless(string text) => _notes.Add(new ConversionNote(text, false));

    /// <summary>Notes that the test being written may come out either way.</summary>
    protected void NoteUncertain(string text) => _notes.Add(new ConversionNote(text, true));

    protected static string True(string condition) => $"coalesce({condition}, false)";
}
