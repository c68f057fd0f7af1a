using System.Text.Json;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

/// <summary>
/// What a scan collected and found, in one DuckDB database: raw items as JSON in <c>resources</c>, how the collection of
/// each table ended in <c>collection</c>, a typed view for each table, and <c>findings</c>, <c>rules</c> and <c>scan</c>.
/// The file is the artifact: <c>scanner query</c> and the plain duckdb program read it. Its instance is a sandbox
/// (no other files, no network, settings locked). Members may be called from any thread; calls take turns.
/// </summary>
public sealed partial class ScanStore : ICollectionSink, IDisposable
{
    internal const string WriteAheadLog = ".wal";

    // Checks are many and small, and a caller that waits for other threads asks them over and over: on two cores that is more work than the query.
    private const int OneThread = 1;

    private const int MostTexts = 20_000;

    private readonly Lock _gate = new();
    private readonly FileOutput? _output;
    private readonly string? _path;
    private readonly bool _isNew;
    private DuckDBAppender? _resources;
    private DuckDBAppender? _collection;

    // What collections said when they were asked for last, while nothing was added or taken out since: several steps ask, and each would hold its own.
    private IReadOnlyList<CollectionStatus>? _read;

    private ScanStore(DuckDBConnection connection, FileOutput? output, string? path, bool readOnly, bool isNew = false)
    {
        Connection = connection;
        _output = output;
        _path = path;
        _isNew = isNew;
        IsReadOnly = readOnly;
    }

    /// <summary>Whether the store was opened only to be read.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The instance. Whoever uses it takes <see cref="Gate"/> first and calls <see cref="Flush"/>.</summary>
    internal DuckDBConnection Connection { get; private set; }

    internal Lock Gate => _gate;

    /// <summary>A store in memory, for scans without <c>--store</c>, for plans and for tests.</summary>
    /// <param name="tables">Tables to make views for.</param>
    public static ScanStore InMemory(IEnumerable<TableDefinition> tables) => Prepare(null, null, tables);

    /// <summary>
    /// A new store file. It is written beside <paramref name="path"/> and takes its place in <see cref="Commit"/>, so a
    /// scan that is killed leaves an older store as it was.
    /// </summary>
    /// <param name="path">File to write, as <see cref="FileOutput"/> does; an existing store of this version is replaced, and nothing else.</param>
    /// <param name="tables">Tables to make views for.</param>
    /// <param name="audience">Who may read it.</param>
    /// <exception cref="InputException">The file cannot be written, or something else is there.</exception>
    public static ScanStore Create(string path, IEnumerable<TableDefinition> tables, FileAudience audience = FileAudience.Owner)
    {
        RequireReplaceable(path);
        RequireNameable(path);
        var output = FileOutput.Begin(path, path, audience);
        try
        {
            return Prepare(output, path, tables);
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>Refuses to write a store where there is something that is not to be replaced by one.</summary>
    /// <param name="path">The file that is going to be written.</param>
    /// <exception cref="InputException">There is a folder, a file of another kind, a store of another version, or one that is in use or damaged.</exception>
    public static void RequireReplaceable(string path)
    {
        var there = FileEntry.Look(path);
        if (there.Kind == FileKind.Folder)
            throw new InputException($"{path}: this is a folder; name a file in it for the store");
        // A database that has lost its file leaves its log, which DuckDB would add to ours.
        var log = FileOutput.TargetOf(path) + WriteAheadLog;
        if (there.Kind == FileKind.Missing && File.Exists(log))
            throw new InputException($"{log} lies where the store is to go, and belongs to another database; move it away, or name another file");
        if (there.Kind != FileKind.Regular || new FileInfo(path).Length == 0)
            return;
        const string Remedy = "it is not replaced: move it away, or name another file";
        if (!IsDatabase(path))
            throw new InputException($"{path} is not a store of Scanner, so {Remedy}");
        try
        {
            OpenExisting(path, Remedy).Dispose();
        }
        catch (InputException e)
        {
            throw new InputException(e.Message.EndsWith(Remedy, StringComparison.Ordinal) ? e.Message : $"{e.Message}; {Remedy}", e);
        }
    }

    // DuckDB looks for the log of a?b at a.wal?b, where nobody finds it and the sandbox lets nobody look.
    private static void RequireNameable(string path)
    {
        if (FileOutput.TargetOf(path).Contains('?', StringComparison.Ordinal))
            throw new InputException($"{path}: a store cannot have '?' in its path; name it otherwise");
    }

    /// <summary>Opens a store file to read it; the file is not changed.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It is missing, is not a store, is in use or damaged, or another version made it.</exception>
    public static ScanStore Open(string path)
    {
        if (FileEntry.Look(path).Kind != FileKind.Regular)
            throw new InputException($"{path}: no such store; make one with 'scanner scan --store {path}'");
        RequireNameable(path);
        return IsDatabase(path)
            ? OpenExisting(path, "scan again, or use that version")
            : throw new InputException($"{path} is not a store of Scanner; make one with 'scanner scan --store FILE'");
    }

    /// <summary>Adds an item.</summary>
    /// <param name="resource">The item; <see cref="Resource.Item"/> must be a JSON object.</param>
    /// <exception cref="ArgumentException">The item is not JSON: the collector is at fault.</exception>
    public void Add(Resource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        RequireJson(resource);
        var item = JsonText.ReplaceLoneSurrogates(resource.Item);
        var failures = resource.Failures.Count == 0 ? null : WriteFailures(resource.Failures);
        lock (_gate)
            Append(resource.Table, resource.Account, resource.Region, resource.Id, item, failures);
    }

    /// <summary>Adds items.</summary>
    /// <param name="resources">The items.</param>
    public void Add(IEnumerable<Resource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        foreach (var resource in resources)
            Add(resource);
    }

    /// <summary>Adds how the collection of a table ended.</summary>
    /// <param name="status">One row of <c>collection</c>.</param>
    public void Add(CollectionStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        Add([status]);
    }

    /// <summary>Adds how collections ended.</summary>
    /// <param name="statuses">Rows of <c>collection</c>.</param>
    public void Add(IEnumerable<CollectionStatus> statuses)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        lock (_gate)
            Write(() => Append(statuses));
    }

    /// <summary>Number of items in the store.</summary>
    public long CountResources()
    {
        lock (_gate)
        {
            Flush();
            return Sandbox.Read(Connection, "SELECT count(*) FROM main.resources", row => row.GetInt64(0))[0];
        }
    }

    /// <summary>Number of items by account; an account in which nothing was found has 0.</summary>
    public IReadOnlyDictionary<string, long> CountResourcesByAccount()
    {
        lock (_gate)
        {
            Flush();
            var counts = ReadCollection().Select(status => status.Account).Distinct(StringComparer.Ordinal).ToDictionary(account => account, _ => 0L, StringComparer.Ordinal);
            foreach (var (account, count) in Sandbox.Read(Connection, "SELECT account_id, count(*) FROM main.resources GROUP BY 1", row => (row.GetString(0), row.GetInt64(1))))
                counts[account] = count;
            return counts;
        }
    }

    /// <summary>How every collection ended, by table, account and region.</summary>
    public IReadOnlyList<CollectionStatus> ReadCollection()
    {
        lock (_gate)
        {
            Flush();
            if (_read is not null)
                return _read;
            // Of hundreds of accounts there are a million, of few words.
            var texts = new SharedTexts(MostTexts);
            // A store of an earlier version has no times: it took nothing.
            return _read = Sandbox.Read(Connection,
                $"SELECT table_name, account_id, region, status, operation, reason, resources, {(HasColumn("collection", "read_at") ? "read_at" : "NULL::TIMESTAMP")} FROM main.collection ORDER BY ALL",
                row => StatusOf(row, texts));
        }
    }

    private static CollectionStatus StatusOf(DuckDBDataReader row, SharedTexts texts) => new(
        texts.Of(row.GetString(0)), texts.Of(row.GetString(1)), texts.Of(row.GetString(2)), OutcomeOf(row.GetString(3)),
        TextOf(row, 4) is { } operation ? texts.Of(operation) : null, TextOf(row, 5) is { } reason ? texts.Of(reason) : null,
        row.IsDBNull(6) ? null : row.GetFieldValue<List<string>>(6))
    { ReadAt = row.IsDBNull(7) ? null : TimeOf(row, 7) };

    /// <summary>The items, in the order of table, account, region and id.</summary>
    /// <param name="table">Table name; null for all.</param>
    public IReadOnlyList<Resource> ReadResources(string? table = null)
    {
        lock (_gate)
        {
            Flush();
            var where = table is null ? "" : " WHERE table_name = " + SqlText.Literal(table);
            return Sandbox.Read(Connection,
                $"SELECT table_name, account_id, region, resource_id, item, failures FROM main.resources{where} ORDER BY 1, 2, 3, 4",
                row => new Resource(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
                    row.IsDBNull(5) ? [] : ReadFailures(row.GetString(5))));
        }
    }

    /// <summary>
    /// Closes the store and, for a new file, moves it to its place. Without this call a new file is thrown away on dispose.
    /// </summary>
    /// <exception cref="InputException">The file cannot be put in its place.</exception>
    public void Commit()
    {
        lock (_gate)
        {
            Flush();
            if (IsReadOnly || _output is null)
                return;
            _keeper?.Dispose();
            Write(() => Sandbox.Execute(Connection, "CHECKPOINT"));
            Connection.Dispose();
            RequireReplaceable(_path!);
            _output.Commit();
            // That of the store which was replaced: DuckDB would add it to the new one.
            File.Delete(FileOutput.TargetOf(_path!) + WriteAheadLog);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _keeper?.Dispose();
            try
            {
                Flushed().ForEach(rows => rows.Dispose());
            }
            catch (DuckDBException)
            {
                // What is thrown away need not have been written.
            }
            Connection.Dispose();
            _output?.Dispose();
        }
    }

    /// <summary>Makes what was added visible to queries. The caller holds <see cref="Gate"/>.</summary>
    internal void Flush()
    {
        foreach (var rows in Flushed())
            Write(rows.Dispose);
    }

    private List<DuckDBAppender> Flushed()
    {
        List<DuckDBAppender> open = [.. new[] { _resources, _collection }.OfType<DuckDBAppender>()];
        (_resources, _collection) = (null, null);
        return open;
    }

    /// <summary>Text of a column, or null.</summary>
    internal static string? TextOf(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>Reads the <c>failures</c> column.</summary>
    internal static IReadOnlyList<ResourceFailure> ReadFailures(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(failure => new ResourceFailure(
            failure.GetProperty("detail").GetString() ?? "",
            OutcomeOf(failure.GetProperty("status").GetString() ?? ""),
            failure.GetProperty("operation").GetString() ?? "",
            failure.GetProperty("reason").GetString() ?? ""))];
    }

    private static string WriteFailures(IReadOnlyList<ResourceFailure> failures) =>
        JsonText.ReplaceLoneSurrogates(JsonSerializer.Serialize(failures.Select(failure => new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["detail"] = failure.Detail,
            ["status"] = Names.Of(failure.Outcome),
            ["operation"] = failure.Operation,
            ["reason"] = failure.Reason,
        })));

    private static CollectionOutcome OutcomeOf(string word)
    {
        // A word that we do not know is an error, and not "ok".
        _ = Names.TryParse(word, out CollectionOutcome outcome);
        return outcome;
    }

    private static void RequireJson(Resource resource)
    {
        try
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(resource.Item);
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new ArgumentException($"the item of {resource.Table} {resource.Id} is not a JSON object", nameof(resource));
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"the item of {resource.Table} {resource.Id} is not JSON", nameof(resource), error);
        }
    }

    // DuckDB's mark, after a checksum of eight bytes.
    private static bool IsDatabase(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            Span<byte> head = stackalloc byte[12];
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head[8..].SequenceEqual("DUCK"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {(e is UnauthorizedAccessException ? "permission denied" : e.Message)}", e);
        }
    }

    private static ScanStore OpenExisting(string path, string otherVersion)
    {
        var full = Path.GetFullPath(path);
        var store = new ScanStore(Sandbox.Open(full, readOnly: true), null, full, readOnly: true);
        try
        {
            var versions = Sandbox.Read(store.Connection, "SELECT version FROM main.store", row => row.GetInt32(0));
            return versions is [>= StoreSchema.OldestRead and <= StoreSchema.Version]
                ? store
                : throw new InputException($"{path} was made by another version of Scanner; {otherVersion}");
        }
        catch (DuckDBException error)
        {
            store.Dispose();
            throw new InputException($"{path} is a DuckDB database, but not one that Scanner made", error);
        }
        catch (InputException)
        {
            store.Dispose();
            throw;
        }
    }

    private static ScanStore Prepare(FileOutput? output, string? path, IEnumerable<TableDefinition> tables)
    {
        var connection = Sandbox.Open(output?.WorkPath, threads: OneThread);
        var store = new ScanStore(connection, output, path, readOnly: false, isNew: true);
        try
        {
            Sandbox.Execute(connection, "BEGIN TRANSACTION");
            foreach (var statement in StoreSchema.Create)
                Sandbox.Execute(connection, statement);
            foreach (var table in tables)
            {
                if (StoreSchema.Names.Contains(table.Name))
                    throw new InputException(table.File, 1, $"'{table.Name}' is a table of the store itself; give the table another name");
                Sandbox.Execute(connection, $"CREATE VIEW main.{SqlText.Identifier(table.Name)} AS {TableView.Select(table)}");
            }
            Sandbox.Execute(connection, "COMMIT");
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private void Append(string table, string account, string region, string id, string item, string? failures) => Write(() =>
    {
        _resources ??= Connection.CreateAppender("resources");
        _resources.CreateRow()
            .AppendValue(table).AppendValue(account).AppendValue(region).AppendValue(id)
            .AppendValue(item).AppendValue(failures)
            .EndRow();
    });

    private void Append(IEnumerable<CollectionStatus> statuses)
    {
        _read = null;
        // One appender for all: each that is closed is a transaction, and there are hundreds of statuses an account.
        _collection ??= Connection.CreateAppender("collection");
        foreach (var status in statuses)
        {
            var row = _collection.CreateRow()
                .AppendValue(status.Table).AppendValue(status.Account).AppendValue(status.Region)
                .AppendValue(Names.Of(status.Outcome)).AppendValue(status.Operation).AppendValue(status.Reason);
            _ = status.Resources is null ? row.AppendNullValue() : row.AppendValue(status.Resources);
            row.AppendValue(status.ReadAt?.ToUniversalTime()).EndRow();
        }
    }

    /// <summary>Writes into the database; a disk that is full, for one, is the user's to correct where the database is his file.</summary>
    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (DuckDBException e) when (_output is not null)
        {
            throw NotWritten(_path, e);
        }
    }

    internal static InputException NotWritten(string? path, DuckDBException reason) =>
        new($"{path}: the store cannot be written: {(IsFull(reason) ? "no space is left on the disk" : Sandbox.FirstLine(reason.Message))}", reason);

    internal static bool IsFull(DuckDBException reason) => reason.Message.Contains("No space left", StringComparison.Ordinal);
}
