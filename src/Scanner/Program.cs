using System.Text;
using Scanner;
using Scanner.Terminal;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (ContainerUser.GiveUpRoot(Environment.GetEnvironmentVariable) is { } problem)
    await Console.Error.WriteLineAsync($"scanner: {problem}");
return await Application.RunAsync(args);
