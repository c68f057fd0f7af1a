using System.Text;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Commands;

/// <summary>The file of a new table: the operation that lists what its name says, with the members of the service's model as columns.</summary>
internal static class NewTable
{
    private const int MostColumns = 16;

    // The first that there is identifies an item; ARNs are unique everywhere.
    private static readonly string[] IdEndings = ["Arn", "ARN", "arn", "Id", "ID", "id", "Name", "name", "Url"];

    private static readonly string[] Implied = ["account_id", "region", "resource_id", "item"];

    /// <summary>Writes the file.</summary>
    /// <param name="name">Name of the table, such as <c>aws_sqs_queue</c>.</param>
    /// <param name="service">A service that has a model.</param>
    /// <param name="catalog">Says which services are asked once an account.</param>
    /// <exception cref="InputException">The service has no operation that lists something without being told of what.</exception>
    public static string Text(string name, string service, CheckCatalog catalog)
    {
        var noun = NounOf(name, service);
        var list = Lists(service).OrderByDescending(found => Score(found.Operation.Name, noun)).ThenBy(found => found.Operation.Name.Length)
                .ThenBy(found => found.Operation.Name, StringComparer.Ordinal).FirstOrDefault()
            ?? throw new InputException($"{service} has no operation that lists something without parameters; write the table by hand (checks/README.md, \"Tables\")");
        var members = list.Item.Kind == ShapeKind.Structure ? list.Item.Members : [];
        var id = members.Count == 0 ? "value" : IdOf(members, noun);
        var text = new StringBuilder();
        var tables = catalog.Tables.Values.Where(table => table.Service == service).ToList();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"""
            # yaml-language-server: $schema={SchemaAddress.Of("table")}
            table: {name}
            title: {Capital(string.Join(' ', noun))} of {service}            # one line for the documentation
            service: {service}
            scope: {(tables.Count > 0 && tables.TrueForAll(table => table.Scope == TableScope.Account) ? "account" : "region")}            # region: asked in each region | account: asked once
            list:
              operation: {list.Operation.Name}
              items: {list.Path}
            # each:                    # detail calls for every item: checks/README.md, "Tables"
            id: {id}                   # unique within account and region
            columns:

            """);
        var seen = new HashSet<string>(Implied, StringComparer.Ordinal);
        foreach (var member in members.OrderByDescending(member => member.Name == id).Take(MostColumns))
        {
            var column = Column(member.Name);
            if (seen.Add(column))
                text.Append(TypeOf(member.Shape) is { } type ? $"  {column}: {{path: {member.Name}, type: {type}}}\n" : $"  {column}: {member.Name}\n");
        }
        if (seen.Count == Implied.Length)
            text.Append("  name: value\n");
        return text.ToString();
    }

    /// <summary>Where an operation of the service gives a list to whoever asks without parameters.</summary>
    internal static IEnumerable<ListOperation> Lists(string service)
    {
        var model = ServiceModel.Find(service)!;
        foreach (var operation in model.OperationNames.Where(name => ReadOnlyGuard.IsReading(service, name)).Select(name => model.FindOperation(name)!))
        {
            if (operation.Input is { Shape.Required.Count: > 0 } || operation.Output is null)
                continue;
            foreach (var member in operation.Output.Shape.Members)
            {
                if (ItemOf(member.Shape) is { } item)
                    yield return new ListOperation(operation, member.Name, item);
                // CloudFront: DistributionList.Items.
                foreach (var inner in member.Shape is { Kind: ShapeKind.Structure, IsOpaque: false } ? member.Shape.Members : [])
                {
                    if (ItemOf(inner.Shape) is { } innerItem)
                        yield return new ListOperation(operation, $"{member.Name}.{inner.Name}", innerItem);
                }
            }
        }
    }

    private static Shape? ItemOf(Shape shape) =>
        shape.Kind == ShapeKind.List && shape.Member!.Shape is { IsOpaque: false } item
            && (item.Kind == ShapeKind.Structure ? item.Members.Any(member => member.Shape.Kind == ShapeKind.String) : item.Kind == ShapeKind.String)
            ? item
            : null;

    // "aws_sqs_dead_letter_queue" of sqs: dead, letter, queue.
    private static string[] NounOf(string name, string service)
    {
        var words = name.Split('_', StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => word == "aws").ToList();
        var own = service.Split('-');
        if (words.Count > own.Length && words.Take(own.Length).SequenceEqual(own, StringComparer.Ordinal))
            words.RemoveRange(0, own.Length);
        return [.. words];
    }

    private static int Score(string operation, string[] noun)
    {
        var wanted = string.Concat(noun.Select(Capital));
        var rest = operation.StartsWith("Describe", StringComparison.Ordinal) ? operation["Describe".Length..]
            : operation.StartsWith("List", StringComparison.Ordinal) || operation.StartsWith("Get", StringComparison.Ordinal) ? operation[operation.IndexOfAny([.. "tT"])..].TrimStart('t')
            : operation;
        var exact = rest == wanted + "s" || rest == wanted + "es" || rest == wanted || (wanted.EndsWith('y') && rest == wanted[..^1] + "ies") ? 1000 : 0;
        return exact + noun.Count(word => rest.Contains(Capital(word), StringComparison.OrdinalIgnoreCase)) * 10
            + (operation.StartsWith("List", StringComparison.Ordinal) || operation.StartsWith("Describe", StringComparison.Ordinal) ? 1 : 0);
    }

    private static string IdOf(IReadOnlyList<ShapeRef> members, string[] noun)
    {
        var texts = members.Where(member => member.Shape.Kind == ShapeKind.String).Select(member => member.Name).ToList();
        var wanted = string.Concat(noun.Select(Capital));
        foreach (var ending in IdEndings)
        {
            if (texts.Find(name => string.Equals(name, wanted + ending, StringComparison.OrdinalIgnoreCase) || name == ending) is { } exact)
                return exact;
        }
        return IdEndings.Select(ending => texts.Find(name => name.EndsWith(ending, StringComparison.Ordinal))).FirstOrDefault(found => found is not null) ?? texts[0];
    }

    /// <summary><c>TrailARN</c> as trail_arn, <c>S3BucketName</c> as s3_bucket_name.</summary>
    internal static string Column(string member)
    {
        var made = new StringBuilder();
        for (var i = 0; i < member.Length; i++)
        {
            var c = member[i];
            var begins = char.IsAsciiLetterUpper(c) && i > 0
                && (!char.IsAsciiLetterUpper(member[i - 1]) || (i + 1 < member.Length && char.IsAsciiLetterLower(member[i + 1])));
            if (begins && made[^1] != '_')
                made.Append('_');
            made.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_');
        }
        return char.IsAsciiLetter(made[0]) ? made.ToString() : "c" + made;
    }

    private static string? TypeOf(Shape shape) => shape.Kind switch
    {
        _ when shape.IsOpaque => "json",
        ShapeKind.Boolean => "bool",
        ShapeKind.Integer => "int",
        ShapeKind.Number => "double",
        ShapeKind.Timestamp => "timestamp",
        ShapeKind.String or ShapeKind.Blob => null,
        _ => "json",
    };

    internal static string Capital(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];
}

/// <summary>An operation that lists.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Path">Where its list is in the reply.</param>
/// <param name="Item">What the list is of: an object or a text.</param>
internal sealed record ListOperation(OperationModel Operation, string Path, Shape Item);
