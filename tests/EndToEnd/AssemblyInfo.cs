using Xunit.Sdk;
using Xunit.v3;

// One house at a time: two would share the machine, and one of them is killed and emptied by its tests.
[assembly: Parallelization(Mode = ParallelMode.None)]
