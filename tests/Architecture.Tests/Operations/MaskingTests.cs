using Microsoft.Extensions.Configuration;
using Ntm.AppHost.Local;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>No password leaves the run, in whatever way it is written.</summary>
public sealed class MaskingTests
{
    private const string Mask = Masking.Mask;

    [Theory]
    [InlineData("Host=db;Password=abc;Port=1", "Host=db;Password=********;Port=1")]
    [InlineData("Host=db;Password=\"a;b c\"\"d\";Port=1", "Host=db;Password=********;Port=1")]
    [InlineData("Host=db;Password='a;b ''c';Port=1", "Host=db;Password=********;Port=1")]
    [InlineData("Host=db;Pwd=a,b'c\"d&e;Port=1", "Host=db;Pwd=********;Port=1")]
    [InlineData("Host=db; PSW = abc ;Port=1", "Host=db; PSW = ******** ;Port=1")]
    [InlineData("amqp://keeper:a@b:c@mq:5672/ntm", "amqp://keeper:********@mq:5672/ntm")]
    [InlineData("see http://127.0.0.1:8080/docs", "see http://127.0.0.1:8080/docs")]
    [InlineData("grant_type=x&client_secret=abc", "grant_type=x&client_secret=********")]
    public void What_stands_behind_its_name_is_hidden(string text, string shown) => Assert.Equal(shown, new Masking().Hide(text));

    [Theory]
    [InlineData("p'a\"ss; w=rd {0}")]
    [InlineData("one,two;three")]
    [InlineData("''quoted''")]
    [InlineData("a b")]
    public void The_password_of_a_foreign_server_is_hidden_as_it_is_and_as_it_is_written(string password)
    {
        var store = new Npgsql.NpgsqlConnectionStringBuilder { Host = "db", Username = "keeper", Password = password }.ConnectionString;
        var broker = $"amqps://keeper:{Uri.EscapeDataString(password)}@mq";
        var masking = new Masking();
        masking.AddFrom(store);
        masking.AddFrom(broker);
        Assert.Equal(Mask, masking.HideVariable("ANY", password));
        foreach (var text in (string[])[store, broker, $"{store};Timeout=5", $"Password={store.Split("Password=")[1]}"])
        {
            Assert.Contains(Mask, masking.Hide(text), StringComparison.Ordinal);
            Assert.DoesNotContain(password, masking.Hide(text), StringComparison.Ordinal);
            Assert.DoesNotContain(Uri.EscapeDataString(password), masking.Hide(text), StringComparison.Ordinal);
        }

        // A short one is a part of harmless words; standing alone it is searched for from eight characters on.
        if (password.Length >= 8) Assert.Equal($"no {Mask} here", masking.Hide($"no {password} here"));
    }

    [Fact]
    public void What_is_no_connection_string_is_hidden_whole()
    {
        var masking = new Masking();
        masking.AddFrom("this is none");
        Assert.Equal(Mask, masking.HideVariable("ANY", "this is none"));
    }

    [Fact]
    public void A_password_that_may_be_given_is_taken_as_it_is_wherever_it_is_written()
    {
        var allowed = "aZ09 " + string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(sign => (char)sign).Where(sign => Given($"a{sign}b") is not null)) + "z";
        Assert.Contains("!()*-./0123456789", allowed, StringComparison.Ordinal);
        Assert.Equal(allowed, new System.Data.Common.DbConnectionStringBuilder { ConnectionString = $"Host=db;Password={allowed};Database=x" }["Password"]);
        Assert.Equal(allowed, new Npgsql.NpgsqlConnectionStringBuilder($"Host=db;Password={allowed};Database=x").Password);
        foreach (var first in allowed.Where(sign => sign != ' '))
            Assert.Equal($"{first}b", new Npgsql.NpgsqlConnectionStringBuilder($"Host=db;Password={first}b;Database=x").Password);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a;b")]
    [InlineData("a#b")]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("a=b")]
    [InlineData("a&b")]
    [InlineData("a+b")]
    [InlineData("a,b")]
    [InlineData("a:b")]
    [InlineData("a%20b")]
    [InlineData("a$b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("mật khẩu")]
    public void A_password_that_would_arrive_as_another_one_is_refused(string password) => Assert.Null(Given(password));

    private static string? Given(string password)
    {
        try
        {
            return SecretStore.Configured(new ConfigurationBuilder().AddInMemoryCollection([new("Parameters:criteria_password", password)]).Build(), "criteria-password");
        }
        catch (StartFailure refused)
        {
            Assert.Contains("'criteria-password'", refused.Message, StringComparison.Ordinal);
            return null;
        }
    }

    [Fact]
    public void A_secret_that_was_given_is_kept_in_its_file_for_the_commands_of_the_running_system()
    {
        var folder = Directory.CreateTempSubdirectory("ntm-hub-secrets-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "secrets"));
            var given = new ConfigurationBuilder().AddInMemoryCollection([new("Parameters:postgres_password", "given by hand")]).Build();
            var store = new SecretStore(folder, given);
            Assert.Equal("given by hand", store.Read("postgres-password", mayGenerate: true));
            var file = Path.Combine(folder, "secrets", "postgres-password");
            Assert.Equal("given by hand", File.ReadAllText(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(Mask, store.Masking.HideVariable("ANY", "given by hand"));

            // What the server took when its data were made is not lost by a slip of the next start.
            var other = new ConfigurationBuilder().AddInMemoryCollection([new("Parameters:postgres_password", "another"), new("Parameters:criteria_password", "the second")]).Build();
            Assert.Throws<StartFailure>(() => new SecretStore(folder, other).Read("postgres-password", mayGenerate: true));
            Assert.Equal("given by hand", File.ReadAllText(file));
            new SecretStore(folder, new ConfigurationBuilder().Build()).Read("criteria-password", mayGenerate: true);
            Assert.Equal("the second", new SecretStore(folder, other).Read("criteria-password", mayGenerate: true));
            Assert.Equal("the second", File.ReadAllText(Path.Combine(folder, "secrets", "criteria-password")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
