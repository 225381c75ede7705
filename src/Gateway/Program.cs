using Ntm.Gateway.Descriptions;
using Ntm.Gateway.Edge;
using Ntm.Gateway.Health;
using Ntm.Gateway.Routing;
using Ntm.Gateway.Tokens;
using Ntm.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddListeners();
builder.AddServiceDefaults("gateway");
builder.AddNtmAuthentication();
builder.AddLocalIssuer();
builder.AddRateLimits();
builder.AddRoutes();
builder.AddSystemHealth();

var app = builder.Build();
app.UseListeners();
app.UseResponseHeaders();
app.UseServiceDefaults();
app.UseRateLimiter();
app.MapServiceDefaults();
app.MapSystemHealth();
app.MapDocsPage();
app.MapRoutes();
await app.RunAsync();
