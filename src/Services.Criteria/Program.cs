using Ntm.Criteria.Assessments;
using Ntm.Criteria.Boundaries;
using Ntm.Criteria.Bulk;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Completeness;
using Ntm.Criteria.Consequences;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Lineage;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Search;
using Ntm.Criteria.Targets;
using Ntm.Criteria.Units;
using Ntm.Criteria.Units.Administration;
using Ntm.Criteria.Units.Exchange;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

const string service = "criteria";
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(service);
builder.AddNtmAuthentication();
builder.AddNtmMessaging(service);
builder.AddNtmStore(service, options => options.AddUnits().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddDifficulties().AddEvidence().AddConsequences().AddLineage().AddBoundaries())
    .AddNtmOutbox(builder, new IntegrationMap(service).AnnounceUnits().AnnounceSets().AnnouncePeriods().AnnounceReports().AnnounceDifficulties().AnnounceCalendar());
builder.Services.AddUnits().AddUnitAdministration().AddRegisterExchange().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddEvidence().AddBulk().AddAssessments().AddCompleteness().AddSearch().AddLineage().AddBoundaries();

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults(service);
var api = app.MapGroup("/api/criteria").RequireAuthorization();
api.MapGroup("").WithTags("Units").MapUnits();
api.MapGroup("").WithTags("Units").MapUnitAdministration();
api.MapGroup("").WithTags("Units").MapRegisterExchange();
api.MapGroup("").WithTags("Catalogue").MapCatalogue();
api.MapGroup("").WithTags("Search").MapSearch();
api.MapGroup("").WithTags("Boundaries").MapBoundaries();
api.MapGroup("").WithTags("Lineage").MapLineage();
api.MapGroup("").WithTags("Targets").MapTargets();
api.MapGroup("").WithTags("Periods").MapPeriods();
api.MapGroup("").WithTags("Calendar").MapCalendar();
api.MapGroup("").WithTags("Reports").MapReports();
api.MapGroup("").WithTags("Difficulties").MapDifficulties();
api.MapGroup("").WithTags("Evidence").MapEvidence();
api.MapGroup("").WithTags("Bulk").MapBulk();
api.MapGroup("").WithTags("Assessments").MapAssessments();
api.MapGroup("").WithTags("Completeness").MapCompleteness();
await app.RunServiceAsync(service, args);

/// <summary>Service Criteria: units, criteria sets, periods, reports, assessments.</summary>
public partial class Program;
