namespace Ntm.AppHost.Local;

/// <summary>The folder of PostgreSQL or RabbitMQ: it belongs to the unprivileged user that the server runs as.</summary>
internal sealed class ServerFolder(DataFolder data, string name, string user)
{
    public string Root { get; } = Path.Combine(data.Root, name);

    public string User { get; } = user;

    public async Task CreateAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }

        if (await Tool.RunAsync(new("test", ["-x", data.Root], "/") { User = User }) != 0)
        {
            throw new StartFailure(
                $"The folder {data.Root} cannot be entered by the unprivileged user '{User}' that {name} runs as: "
                + "move the checkout, or set NTM_DATA to a folder that it may enter, for example /var/lib/ntm-hub.");
        }

        if (await Tool.RunAsync(new("install", ["-d", "-m", "700", "-o", User, "-g", User, Root], "/")) != 0)
            throw new StartFailure($"The folder {Root} could not be made for the user '{User}': check the rights of {data.Root}.");
    }

    /// <summary>Writes a file as the server's user, readable by it alone.</summary>
    public async Task WriteAsync(string file, string content)
    {
        const string Script = "umask 077; cat > \"$1.new\" && mv -f \"$1.new\" \"$1\"";
        if (await Tool.RunAsync(new("sh", ["-c", Script, "write", Path.Combine(Root, file)], Root) { User = User }, content) != 0)
            throw new StartFailure($"The file {Path.Combine(Root, file)} could not be written: check the rights and the free space of {data.Root}.");
    }
}
