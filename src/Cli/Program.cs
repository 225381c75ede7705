using System.CommandLine;
using Ntm.Cli.Provision;

var root = new RootCommand("ntm: the commands of the NTM Hub")
{
    ProvisionCommand.Create(),
};

return await root.Parse(args).InvokeAsync();
