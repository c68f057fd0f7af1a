using System.Text.Json.Nodes;

namespace Scanner.Catalog;

/// <summary>A call of a table file: the list itself, a parent of it, or a detail of each item.</summary>
public sealed record TableCall
{
    /// <summary>Line in the file, for errors.</summary>
    public int Line { get; init; }

    /// <summary>Line of each part in the file, by dotted keys (<c>operation</c>, <c>parameters.Name</c>); empty where there is no file.</summary>
    public IReadOnlyDictionary<string, int> Lines { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Service id as the AWS CLI spells it.</summary>
    public required string Service { get; init; }

    /// <summary>Operation name of the service model.</summary>
    public required string Operation { get; init; }

    /// <summary>Input members; texts may hold <c>{path}</c> of the item, of a parent, or <c>{account}</c>, <c>{region}</c>, <c>{partition}</c>.</summary>
    public JsonObject Parameters { get; init; } = [];

    /// <summary>List and parents: where the items are in the reply; null: the reply itself is the one item.</summary>
    public ItemPath? Items { get; init; }

    /// <summary>Details and parents: the name under which reply or parent stands in the item; null for the list.</summary>
    public string? As { get; init; }

    /// <summary>Details: the part of the reply to keep; null keeps all.</summary>
    public ItemPath? Take { get; init; }

    /// <summary>AWS error codes that mean "there is none" (list: no rows, details: null).</summary>
    public IReadOnlyList<string> EmptyOn { get; init; } = [];

    /// <summary>List: whether a reply without <see cref="Items"/> is an empty list (otherwise it is malformed).</summary>
    public bool Optional { get; init; }

    /// <summary>List: a list in the reply that says what could not be read although the call answered 200; null when the operation has none.</summary>
    public ItemPath? Failures { get; init; }

    /// <summary>Details: whether only the first page is asked for.</summary>
    public bool FirstPageOnly { get; init; }

    /// <summary>Details: account to ask, a text with <c>{paths}</c>; null asks the account of the row. One that is not part of the scan is not asked.</summary>
    public string? Account { get; init; }

    /// <summary>Details: the error codes of <see cref="EmptyOn"/> are a value, <c>{ErrorCode: ...}</c>, and not null.</summary>
    public bool ErrorIsValue { get; init; }

    /// <summary>Details: ask for many items in one call; null asks for each item.</summary>
    public TableDetailBatch? ItemBatch { get; init; }

    /// <summary>Details: region to ask, a text with <c>{paths}</c>; null asks the region of the scan.</summary>
    public string? Region { get; init; }

    /// <summary>
    /// Members whose values are secret and are kept by nobody: paths within an item where the call lists items, within the reply otherwise.
    /// Of an object all values are secret, and their names are not; lists on the way need no <c>[]</c>.
    /// </summary>
    public IReadOnlyList<ItemPath> Secret { get; init; } = [];

    /// <summary>Details: only for items in which each path has one of the values.</summary>
    public IReadOnlyList<KeyValuePair<ItemPath, IReadOnlyList<string>>> When { get; init; } = [];

    /// <summary>Details: a list of pairs in the reply that becomes an object.</summary>
    public TablePairs? Pairs { get; init; }

    /// <summary>List: ask for many parents in one call; null asks for each parent.</summary>
    public TableBatch? Batch { get; init; }

    /// <summary>List: a call to repeat first, until its reply says so; null when there is none.</summary>
    public TablePrepare? Prepare { get; init; }

    /// <summary>A path of <see cref="Secret"/> from the reply on.</summary>
    public ItemPath SecretInReply(ItemPath path) => Items is not null && ItemPath.TryParse($"{Items.Text}.{path.Text}", out var whole) ? whole : path;

    /// <summary>List: <c>csv</c> when <see cref="Items"/> is base64 CSV; null otherwise.</summary>
    public string? Decode { get; init; }
}

/// <summary>Asks for many parents in one call.</summary>
/// <param name="Parameter">Input member that takes the list.</param>
/// <param name="From">Text with <c>{paths}</c> that gives one element, such as <c>{value}</c> of the innermost parent.</param>
/// <param name="Size">Most elements that AWS takes in one call.</param>
public sealed record TableBatch(string Parameter, string From, int Size);

/// <summary>A list of pairs in a reply that is turned into an object, such as load balancer attributes.</summary>
/// <param name="Items">Where the list is.</param>
/// <param name="Key">Member that holds the name.</param>
/// <param name="Value">Member that holds the value.</param>
public sealed record TablePairs(ItemPath Items, string Key, string Value);

/// <summary>A call that is repeated until AWS has made ready what the list reads (the IAM credential report).</summary>
/// <param name="Operation">Operation name, of the list's service.</param>
/// <param name="Until">Members of the reply and the value that each must have.</param>
public sealed record TablePrepare(string Operation, IReadOnlyDictionary<string, string> Until);
