using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;
using Scanner.Publish.Text;
using Scanner.Store;
using Spectre.Console;

namespace Scanner.Terminal;

/// <summary>
/// Rows on standard output, as <c>--format</c> asks: <c>table</c> for people, and off a terminal one line a row, whatever its length;
/// <c>json</c> an array of objects, <c>jsonl</c> one a line, <c>csv</c> with a line of names (RFC 4180).
/// </summary>
internal sealed class Listing
{
    private const string Formats = "table, json, jsonl or csv";

    /// <summary>Most characters that a short cell is filled up to, so that one long cell does not push all others aside.</summary>
    private const int MostFill = 60;

    /// <summary>Width of a column of a drawn table in which longer texts can still be read.</summary>
    private const int LeastReadable = 12;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true, NewLine = "\n" };

    private readonly string _format;
    private readonly Func<JsonNode?, string> _text;
    private readonly List<string[]> _cells = [];
    private readonly JsonArray _all = [];
    private IReadOnlyList<string> _columns = [];
    private IReadOnlyList<int> _shown = [];

    private readonly TextWriter _output;

    private Listing(string format, TextWriter output, Func<JsonNode?, string> text)
    {
        _format = format;
        _output = output;
        _text = text;
    }

    /// <summary>Begins.</summary>
    /// <param name="format">As it was given; null: <c>table</c>.</param>
    /// <param name="output">Where the rows go.</param>
    /// <param name="text">A value as the text of a cell; default as the store writes it.</param>
    /// <exception cref="InputException">The format is not known.</exception>
    public static Listing Open(string? format, TextWriter output, Func<JsonNode?, string>? text = null) =>
        Is(format ?? "table") ? new Listing(format ?? "table", output, text ?? ScanStore.TextOf) : throw Unknown(format!, Formats);

    /// <summary>Whether rows can be written so.</summary>
    /// <param name="format">As it was given.</param>
    public static bool Is(string format) => format is "table" or "json" or "jsonl" or "csv";

    /// <summary>The complaint of a format that is not known.</summary>
    /// <param name="format">As it was given.</param>
    /// <param name="known">Those that are.</param>
    public static InputException Unknown(string format, string known) => new($"--format '{SafeText.Line(format)}' is not known; it is {known}");

    /// <summary>The text of a cell that holds a list of words: those, with blanks between.</summary>
    /// <param name="value">A value.</param>
    public static string Words(JsonNode? value) => value is JsonArray list ? string.Join(' ', list.Select(ScanStore.TextOf)) : ScanStore.TextOf(value);

    /// <summary>Writes one thing as JSON: over several lines, or as <c>jsonl</c> in one.</summary>
    /// <param name="value">The thing.</param>
    public void WriteJson(JsonNode value) => _output.WriteLine(value.ToJsonString(_format == "json" ? Indented : Compact));

    /// <summary>Names the columns, before the first row.</summary>
    /// <param name="names">Names.</param>
    /// <param name="shown">Those that a table has room for; null: all.</param>
    public void Columns(IReadOnlyList<string> names, IReadOnlyList<string>? shown = null)
    {
        _columns = names;
        _shown = [.. Enumerable.Range(0, names.Count).Where(i => shown is null || shown.Contains(names[i], StringComparer.Ordinal))];
        if (_format == "csv")
            Line(names);
    }

    /// <summary>Adds a row: a value for each column.</summary>
    /// <param name="row">The values.</param>
    public void Row(IReadOnlyList<JsonNode?> row)
    {
        switch (_format)
        {
            case "table":
                _cells.Add([.. _shown.Select(i => SafeText.Line(_text(row[i])))]);
                break;
            case "json":
                _all.Add(Object(row));
                break;
            case "jsonl":
                WriteJson(Object(row));
                break;
            default:
                Line(row.Select(_text), i => row[i]?.GetValueKind() == JsonValueKind.Number);
                break;
        }
    }

    /// <summary>Writes what waited for the last row.</summary>
    public void End()
    {
        if (_format == "json")
            WriteJson(_all);
        else if (_format == "table" && Console.IsOutputRedirected)
            Plain();
        else if (_format == "table")
            Drawn();
    }

    private void Drawn() => Draw(Consoles.Create(_output), [.. _shown.Select(i => SafeText.Line(_columns[i]))], _cells);

    /// <summary>Draws rows on a terminal: as a table, or where its columns would have no room, each row as a block with a line a column.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="names">Names of the columns, in one line each.</param>
    /// <param name="rows">Cells, in one line each.</param>
    internal static void Draw(IAnsiConsole console, IReadOnlyList<string> names, IReadOnlyList<string[]> rows)
    {
        // What a column needs to be read: its longest cell, or as much as a few words take; a border and two blanks come to it.
        var needed = 1 + names.Select((name, place) => 3 + Math.Min(LeastReadable, rows.Select(row => row[place].Length).Append(name.Length).Max())).Sum();
        if (rows.Count > 0 && needed > console.Profile.Width)
        {
            foreach (var (number, row) in rows.Index())
            {
                console.Write(new Rule(string.Create(CultureInfo.InvariantCulture, $"{number + 1}")) { Justification = Justify.Left });
                var grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn();
                foreach (var (place, cell) in row.Index())
                    grid.AddRow(new Text(names[place], new Style(decoration: Decoration.Bold)), new Text(cell));
                console.Write(grid);
            }
            return;
        }
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var name in names)
            table.AddColumn(new TableColumn(new Text(name)));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        console.Write(table);
    }

    private void Plain()
    {
        List<string[]> lines = [[.. _shown.Select(i => SafeText.Line(_columns[i]).ToUpperInvariant())], .. _cells];
        var widths = _shown.Select((_, place) => lines.Max(line => Math.Min(line[place].Length, MostFill))).ToList();
        foreach (var line in lines)
        {
            var text = new StringBuilder();
            foreach (var (place, cell) in line.Index())
                text.Append(place == 0 ? "" : "  ").Append(cell.PadRight(widths[place]));
            _output.WriteLine(SafeText.LogLine(text.ToString().TrimEnd()));
        }
    }

    private JsonObject Object(IReadOnlyList<JsonNode?> row)
    {
        var o = new JsonObject();
        for (var i = 0; i < _columns.Count; i++)
            o[_columns[i]] = row[i]?.DeepClone();
        return o;
    }

    private void Line(IEnumerable<string> cells, Func<int, bool>? isNumber = null) =>
        _output.Write(CsvLine.Of(cells, isNumber) + "\r\n");
}
