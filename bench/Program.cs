using Ntm.Bench;

if (args is [BareYarp.Word, var url, var destination])
{
    await BareYarp.RunAsync(url, destination);
    return 0;
}

if (Options.Read(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var table = new Table();
await using (var house = new House())
{
    // The first start makes the data. The dashboard collects what it is sent on the same cores, so it runs for start and rest only unless asked for.
    await house.StartAsync(options.Watched, stop.Token);
    using var api = new Api(house.Gateway, house.Gateway, house.ClientSecret, options.Clients);
    await new Run(house, api, options, table, stop.Token).AllAsync();
}

Console.WriteLine(table.ToMarkdown());
await File.WriteAllTextAsync(options.Markdown, table.ToMarkdown());
await File.WriteAllTextAsync(options.Json, table.ToJson(options));
return 0;
