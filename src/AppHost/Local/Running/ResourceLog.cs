using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>The output of one resource: a file with the instant of every line, and whoever follows it.</summary>
internal sealed class ResourceLog : IDisposable
{
    private const long Largest = 20_000_000;

    private readonly StreamWriter _writer;
    private readonly Lock _gate = new();
    private bool _closed;

    public ResourceLog(DataFolder data, string resource)
    {
        FilePath = Path.Combine(data.Logs, resource + ".log");
        if (File.Exists(FilePath) && new FileInfo(FilePath).Length > Largest)
            File.Move(FilePath, FilePath + ".1", overwrite: true);
        _writer = new StreamWriter(FilePath, append: true) { AutoFlush = true };
    }

    public string FilePath { get; }

    /// <summary>Whoever else wants each line, for instance the terminal.</summary>
    public Action<string>? Follower { get; set; }

    /// <summary>A remark of the run itself between the lines of the process.</summary>
    public void Note(string remark) => Append("── " + remark);

    public async Task TakeAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            Append(line);
            Follower?.Invoke(line);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _writer.Dispose();
        }
    }

    private void Append(string line)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _writer.Write(TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
            _writer.WriteLine(line);
        }
    }
}
