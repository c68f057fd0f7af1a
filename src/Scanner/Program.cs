Console.WriteLine("scanner");
