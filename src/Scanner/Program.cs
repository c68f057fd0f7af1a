using Scanner;

try
{
    return await Start.RunAsync(args);
}
#pragma warning disable CA1031 // Whatever it is, it ends in one line and a documented exit code, not in a stack trace.
catch (Exception e)
#pragma warning restore CA1031
{
    return Start.Report(e);
}
