using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>The output of one resource: a file with the instant of every line, and whoever follows it.</summary>
internal sealed class ResourceLog : IDisposable
{
    private const long Largest = 20_000_000;

    private StreamWriter _writer;
    private readonly Lock _gate = new();
    private bool _closed;

    public ResourceLog(DataFolder data, string resource)
    {
        FilePath = Path.Combine(data.Logs, resource + ".log");
        _writer = Open();
    }

    public string FilePath { get; }

    /// <summary>Whoever else wants each line, for instance the terminal.</summary>
    public Action<string>? Follower { get; set; }

    /// <summary>What the process said last.</summary>
    public string? LastLine { get; private set; }

    /// <summary>A remark of the run itself between the lines of the process.</summary>
    public void Note(string remark) => Append("── " + remark);

    public async Task TakeAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            Append(line);
            if (line.Length > 0)
                LastLine = line;
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
            if (_writer.BaseStream.Length <= Largest)
                return;
            _writer.Dispose();
            _writer = Open();
        }
    }

    private StreamWriter Open()
    {
        if (File.Exists(FilePath) && new FileInfo(FilePath).Length > Largest)
            File.Move(FilePath, FilePath + ".1", overwrite: true);
        return new StreamWriter(FilePath, append: true) { AutoFlush = true };
    }
}
