using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// What <see cref="EndToEnd.Tests.ScannerWorker"/> makes of the program: .NET calls this by its name before <c>Main</c> where DOTNET_STARTUP_HOOKS
/// names this assembly, and it runs the program's own <c>Main</c> again and again, each time as it is asked on standard input. So it is
/// the program that users start, with its own settings and files; only its start is left out.
/// Each run has standard output and error of its own, a file each (no terminal, as a pipe is none), the working folder and the whole environment.
/// </summary>
#pragma warning disable CA1050, MA0047 // .NET wants it by this name, without a namespace.
internal static class StartupHook
#pragma warning restore CA1050, MA0047
{
    private static readonly Encoding Text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public static void Initialize()
    {
        var main = Assembly.GetEntryAssembly()!.EntryPoint!;
        using var requests = new BinaryReader(new FileStream(new SafeFileHandle(OutOfTheWay(0), ownsHandle: true), FileAccess.Read), Text);
        using var replies = new BinaryWriter(new FileStream(new SafeFileHandle(OutOfTheWay(1), ownsHandle: true), FileAccess.Write, bufferSize: 0), Text);
        var ownError = Copy(2);
        foreach (var request in Requests(requests))
        {
            var exitCode = Run(main, request, ownError);
            replies.Write(exitCode);
            replies.Write(Environment.WorkingSet);
        }
    }

    private static int Run(MethodInfo main, Request request, int ownError)
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
            Environment.SetEnvironmentVariable(name, null);
        foreach (var (name, value) in request.Environment)
            Environment.SetEnvironmentVariable(name, value);
        Directory.SetCurrentDirectory(request.Folder);
        Redirect(request.Output, 1);
        Redirect(request.Error, 2);
        // As the console makes them. They are left to the garbage collector: what a run left behind may still write, and it goes nowhere else.
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput(), Text) { AutoFlush = true });
        Console.SetError(new StreamWriter(Console.OpenStandardError(), Text) { AutoFlush = true });
        try
        {
            return (int)main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [request.Arguments], null)!;
        }
        finally
        {
            // Between runs nobody reads what is written but for what kills the process, and no test's folder is held.
            Redirect("/dev/null", 1);
            _ = Checked(dup2(ownError, 2));
            Directory.SetCurrentDirectory("/");
        }
    }

    // On a thread of its own, so that the worker ends with the tests also where a run does not.
    private static IEnumerable<Request> Requests(BinaryReader input)
    {
        var requests = new BlockingCollection<Request>();
        var reader = new Thread(() =>
        {
            try
            {
                while (true)
                    requests.Add(Request.Read(input));
            }
            catch (EndOfStreamException)
            {
                Process.GetCurrentProcess().Kill();
            }
        })
        { IsBackground = true };
        reader.Start();
        return requests.GetConsumingEnumerable();
    }

    // The stream under a number that programs which are started from here do not get; its own leads nowhere.
    private static int OutOfTheWay(int number)
    {
        var copy = Copy(number);
        Redirect("/dev/null", number);
        return copy;
    }

    private static int Copy(int number) => Checked(fcntl(number, DuplicateForMe, 10));

    private static void Redirect(string path, int number)
    {
        using var file = new FileStream(path, FileMode.Open, number == 0 ? FileAccess.Read : FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _ = Checked(dup2((int)file.SafeFileHandle.DangerousGetHandle(), number));
    }

    private static int Checked(int result) => result >= 0 ? result : throw new IOException($"a standard stream could not be redirected (error {Marshal.GetLastPInvokeError()})");

    // F_DUPFD_CLOEXEC
    private static readonly int DuplicateForMe = OperatingSystem.IsMacOS() ? 67 : 1030;

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fcntl(int descriptor, int command, int argument);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int dup2(int from, int to);

    /// <summary>One run: what the program gets.</summary>
    /// <param name="Folder">The working folder.</param>
    /// <param name="Output">File that becomes standard output.</param>
    /// <param name="Error">File that becomes standard error.</param>
    /// <param name="Arguments">Arguments.</param>
    /// <param name="Environment">All environment variables.</param>
    internal sealed record Request(string Folder, string Output, string Error, string[] Arguments, IReadOnlyDictionary<string, string> Environment)
    {
        public byte[] Written()
        {
            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes, Text);
            writer.Write(Folder);
            writer.Write(Output);
            writer.Write(Error);
            writer.Write(Arguments.Length);
            foreach (var argument in Arguments)
                writer.Write(argument);
            writer.Write(Environment.Count);
            foreach (var (name, value) in Environment)
            {
                writer.Write(name);
                writer.Write(value);
            }
            writer.Flush();
            return bytes.ToArray();
        }

        public static Request Read(BinaryReader reader)
        {
            var (folder, output, error) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
            var arguments = new string[reader.ReadInt32()];
            for (var i = 0; i < arguments.Length; i++)
                arguments[i] = reader.ReadString();
            var environment = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var left = reader.ReadInt32(); left > 0; left--)
                environment[reader.ReadString()] = reader.ReadString();
            return new Request(folder, output, error, arguments, environment);
        }
    }
}
