using System.Globalization;
using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store.Functions;

namespace Scanner.Store.Sql;

/// <summary>
/// A DuckDB instance that reaches nothing but its own database: no other file, no network, no extension, no
/// environment, and no way to change that. Every instance of the program is one of these, since the SQL that runs in it
/// may come from the author of a pull request.
/// <list type="bullet">
/// <item>Files, network, ATTACH, COPY: <c>enable_external_access=false</c>; only the database's own files stay open.</item>
/// <item>Extensions: neither installed nor loaded by themselves, nor by statement.</item>
/// <item>Settings: <c>lock_configuration=true</c> comes last.</item>
/// <item>Memory: <c>memory_limit</c> for buffers and <see cref="NativeMemoryLimit"/> for the rest; nothing is spilled to disk.</item>
/// <item>Time: the query is interrupted. DuckDB looks at that between batches of rows, so one very costly call of a
/// function can overrun it; those functions are refused in checks (<see cref="QueryShape"/>).</item>
/// <item>Statements: <see cref="QueryShape.Parse"/> lets one SELECT pass and nothing else.</item>
/// </list>
/// </summary>
internal static class Sandbox
{
    // Order matters: what needs the file system first, then the doors are shut, then they are locked.
    private static readonly string[] Settings =
    [
        "SET temp_directory=''",
        // What a query needed goes back to the system when it ends, and is not kept for the next: a large plan has not the room.
        "SET allocator_flush_threshold='8MB'",
        "SET allocator_bulk_deallocation_flush_threshold='8MB'",
        "SET TimeZone='UTC'",
        "SET preserve_insertion_order=true",
        "SET autoload_known_extensions=false",
        "SET autoinstall_known_extensions=false",
        "SET allow_community_extensions=false",
        "SET enable_external_access=false",
        "SET lock_configuration=true",
    ];

    /// <summary>Opens a database file, or one in memory, and locks it up.</summary>
    /// <param name="path">File; null for memory.</param>
    /// <param name="readOnly">Whether the file must not be changed.</param>
    /// <param name="threads">How many threads queries may use; null for one a processor. Handing out the work of a few rows costs more than doing it.</param>
    /// <exception cref="InputException">The file is not there, is no DuckDB database, or is in use.</exception>
    public static DuckDBConnection Open(string? path, bool readOnly = false, int? threads = null) => Open(path, readOnly, threads, []);

    /// <summary>Opens a database file to copy others into it: these can be attached, and all else is locked up as ever. For statements of our own.</summary>
    /// <param name="path">File.</param>
    /// <param name="others">Full paths of the others.</param>
    /// <exception cref="InputException">The file is not there, is no DuckDB database, or is in use.</exception>
    public static DuckDBConnection OpenJoin(string path, IReadOnlyList<string> others) => Open(path, readOnly: false, threads: 1, others);

    private static DuckDBConnection Open(string? path, bool readOnly, int? threads, IReadOnlyList<string> allowed)
    {
        var text = new DuckDBConnectionStringBuilder { DataSource = path ?? ":memory:" };
        if (readOnly)
            text["ACCESS_MODE"] = "READ_ONLY";
        var connection = new DuckDBConnection(text.ConnectionString);
        try
        {
            connection.Open();
            if (threads is { } count)
                Execute(connection, string.Create(CultureInfo.InvariantCulture, $"SET threads={count}"));
            if (allowed.Count > 0)
                Execute(connection, $"SET allowed_paths=[{string.Join(", ", allowed.Select(SqlText.Literal))}]");
            foreach (var setting in Settings)
                Execute(connection, setting);
            SqlFunctions.Register(connection);
            return connection;
        }
        catch (DuckDBException error)
        {
            connection.Dispose();
            throw new InputException($"{path ?? "the database in memory"} {WhyClosed(error.Message)}", error);
        }
    }

    /// <summary>Runs a statement of our own.</summary>
    public static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Reads the rows of a statement of our own.</summary>
    public static List<T> Read<T>(DuckDBConnection connection, string sql, Func<DuckDBDataReader, T> row)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    /// <summary>Runs statements that may hold somebody else's SQL, within limits.</summary>
    /// <param name="connection">An instance from Open.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="limits">Time and memory.</param>
    /// <param name="read">Gets the open reader.</param>
    /// <param name="cancellation">Stops the query.</param>
    /// <exception cref="QueryFailedException">It failed or went over a limit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was set.</exception>
    public static void Run(
        DuckDBConnection connection, string sql, SandboxLimits limits, Action<DuckDBDataReader> read, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        // Rows come as they are made: a result of millions is never held whole.
        command.UseStreamingMode = true;
        var overtime = false;
        using var clock = new CancellationTokenSource();
        using var alarm = new WorkAlarm(new WorkLimit(limits.Time), clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        using (both.Token.Register(() =>
        {
            overtime = !cancellation.IsCancellationRequested;
            command.Cancel();
        }))
        {
            try
            {
                using (EngineFaults.Guard())
                using (NativeMemoryLimit.Allow(limits.MemoryBytes))
                {
                    using var reader = command.ExecuteReader();
                    read(reader);
                }
            }
            catch (Exception error) when (error is DuckDBException or OperationCanceledException or OutOfMemoryException or InvalidOperationException)
            {
                cancellation.ThrowIfCancellationRequested();
                var isMemory = error is OutOfMemoryException || error.Message.Contains("Out of Memory", StringComparison.OrdinalIgnoreCase);
                throw new QueryFailedException(
                    overtime ? string.Create(CultureInfo.InvariantCulture, $"it took longer than {limits.Time.TotalSeconds:0.#} s")
                    : isMemory ? string.Create(CultureInfo.InvariantCulture, $"it needs more memory than the {limits.MemoryBytes >> 20} MiB that a query may use")
                    : WithoutPicture(error.Message), error)
                { IsOverLimit = overtime || isMemory };
            }
        }
    }

    /// <summary>The first line of DuckDB's message, without the picture of the place.</summary>
    public static string FirstLine(string message)
    {
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? message : message[..end];
    }

    /// <summary>DuckDB's message without the picture of the place; what it proposes instead is part of it.</summary>
    private static string WithoutPicture(string message)
    {
        const int Most = 500;
        var picture = message.IndexOf("\nLINE ", StringComparison.Ordinal);
        var words = string.Join("; ", (picture < 0 ? message : message[..picture]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return words.Length > Most ? string.Concat(words.AsSpan(0, Most), "...") : words;
    }

    private static string WhyClosed(string message)
    {
        if (message.Contains("Could not set lock", StringComparison.Ordinal) || message.Contains("used by another process", StringComparison.OrdinalIgnoreCase))
            return "is in use by another program; close that, and try again";
        if (message.Contains("Trying to read a database file with version number", StringComparison.Ordinal))
            return "was made by another version of DuckDB; scan again";
        return $"cannot be opened as a store, it may be damaged: {FirstLine(message)}";
    }
}
