using System.CommandLine;
using Ntm.Cli.Backups;
using Ntm.Cli.Demo;
using Ntm.Cli.Operate;
using Ntm.Cli.Proof;
using Ntm.Cli.Provision;

var root = new RootCommand("ntm: the commands of the NTM Hub")
{
    ProvisionCommand.Create(),
    DemoCommand.Create(),
    OperateCommands.Replay(),
    OperateCommands.Parked(),
    ProofCommands.Check(),
    ProofCommands.Rebuild(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    RestoredCommand.Create(),
};

return await root.Parse(args).InvokeAsync();
