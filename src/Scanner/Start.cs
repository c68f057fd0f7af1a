using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Scanner.Evaluate.Isolation;
using Scanner.Terminal;

namespace Scanner;

/// <summary>Apart from the entry point: where files or memory are so short that the program's own parts cannot be loaded, that is caught too.</summary>
internal static class Start
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<int> RunAsync(string[] arguments)
    {
        // Once, also where one process runs it again and again, as the tests do.
        AppDomain.CurrentDomain.UnhandledException -= EndWith;
        AppDomain.CurrentDomain.UnhandledException += EndWith;
        if (arguments is [EngineServer.Command])
            return Serve();
        StandardStreams.Prepare();
        // What goes into a file or a pipe is UTF-8 whatever the terminal is.
        Console.OutputEncoding = !Console.IsOutputRedirected && AsciiTerminal.Is(Environment.GetEnvironmentVariable)
            ? AsciiTerminal.Encoding
            : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        StandardStreams.Guard();
        StopSignal.Listen();
        if (ContainerUser.GiveUpRoot(Environment.GetEnvironmentVariable) is { } problem)
            Consoles.Complain(problem);
        return StandardStreams.Settle(await Application.RunAsync(arguments));
    }

    // Not stopped by Ctrl-C, which every process of a terminal gets: whoever started it ends it, when he has said what is known.
    private static int Serve()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        EngineServer.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), StopSignal.ExitAtOnce);
        return ExitCode.Clean;
    }

    private static void EndWith(object sender, UnhandledExceptionEventArgs e) => Environment.Exit(Failure.Report(e.ExceptionObject as Exception));

    public static int Report(Exception e)
    {
        try
        {
            return Failure.Report(e);
        }
        catch (IOException)
        {
            // Not even the console's own library can be opened: the exit code is all there is to say it with.
            return 2;
        }
    }
}
