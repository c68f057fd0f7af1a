using Benchmarks;

// Benchmarks are run by hand on a quiet machine; the README quotes what they print.
if (args is ["scan", var program])
{
    await ScanBenchmark.RunAsync(program);
    return 0;
}
Console.Error.WriteLine("""
    usage: dotnet run -c Release --project tests/Benchmarks -- scan artifacts/scanner/scanner
    """);
return 2;
