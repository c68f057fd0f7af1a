using Benchmarks;

// Benchmarks are run by hand on a quiet machine; the README quotes what they print.
switch (args)
{
    case ["scan", var program]:
        await ScanBenchmark.RunAsync(program);
        return 0;
    case ["evidence", var program]:
        await EvidenceBenchmark.RunAsync(program);
        return 0;
    case ["calls", var program]:
        await CallsBenchmark.RunAsync(program);
        return 0;
    case ["since-last", var program]:
        await CallsBenchmark.SinceLastAsync(program);
        return 0;
    case ["organization", var program, .. var counts]:
        await OrganizationBenchmark.RunAsync(program, [.. counts.DefaultIfEmpty("50").Select(count => int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))]);
        return 0;
    case ["gate", var program]:
        return await GateBenchmark.RunAsync(program);
    case ["html"]:
        await HtmlBenchmark.RunAsync();
        return 0;
    case ["detect", .. var rest]:
        return await DetectBenchmark.RunAsync(rest);
    // The processes that "detect" starts, and what is behind its figures.
    case ["detect-once", .. var rest]:
        return await DetectBenchmark.RunOnceAsync(rest);
    case ["detect-inflate", .. var rest]:
        return DetectBenchmark.RunInflate(rest);
    case ["detect-parse", .. var rest]:
        return DetectBenchmark.RunParse(rest);
    case ["detect-duckdb", .. var rest]:
        return DetectBenchmark.RunDuckDb(rest);
    case ["detect-phases", .. var rest]:
        return await DetectBenchmark.RunPhasesAsync(rest);
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project tests/Benchmarks -- scan artifacts/scanner/scanner
                   dotnet run -c Release --project tests/Benchmarks -- evidence artifacts/scanner/scanner
                   dotnet run -c Release --project tests/Benchmarks -- calls artifacts/scanner/scanner
                   dotnet run -c Release --project tests/Benchmarks -- since-last artifacts/scanner/scanner
                   dotnet run -c Release --project tests/Benchmarks -- organization artifacts/scanner/scanner [50 200 500]
                   dotnet run -c Release --project tests/Benchmarks -- gate artifacts/scanner/scanner
                   dotnet run -c Release --project tests/Benchmarks -- html
                   dotnet run -c Release --project tests/Benchmarks -- detect [--mb 300] [--folder FOLDER] [--rules FOLDER] [--program artifacts/scanner/scanner] [--hot] [--duckdb]
            """);
        return 2;
}
