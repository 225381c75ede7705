using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class RightsTests
{
    private const string Lately = "2026-03-02";

    [Theory]
    [InlineData("commune-officer@18073#an", "18073", "2024-12-31", "2024-12-20")]
    [InlineData("commune-officer@18073~2024-12-31#an", "18073", "2024-12-31", Lately)]
    [InlineData("commune-officer@18073#an", "18073", "2024-12-31", Lately)]
    [InlineData("commune-officer@18073#an", "18082", "2025-06-30", Lately)]
    [InlineData("commune-officer@18652#an", "18082", "2025-06-30", Lately)]
    [InlineData("commune-officer@18076#an", "18076", "2024-12-31", Lately)]
    [InlineData("auditor@0+commune-officer@18070+commune-officer@18073#an", "18073", "2024-12-31", "2024-12-20")]
    public void An_officer_acts_as_his_unit_and_its_predecessors(string client, string unit, string day, string today) =>
        Assert.True(Given.Tree.ActsAs(Given.Actor(client), Roles.CommuneOfficer, Unit(unit, day), Day(today)));

    [Theory]
    [InlineData("commune-officer@18073~2024-12-31#an", "18073", "2025-12-31", Lately)]
    [InlineData("commune-officer@18073#an", "18652", "2025-12-31", Lately)]
    [InlineData("commune-officer@18070#an", "18073", "2024-12-31", "2024-12-20")]
    [InlineData("commune-officer@42#an", "18073", "2024-12-31", "2024-12-20")]
    [InlineData("district-officer@436#an", "18073", "2024-12-31", "2024-12-20")]
    [InlineData("district-officer@18073#an", "18073", "2024-12-31", "2024-12-20")]
    [InlineData("commune-officer@0#an", "18073", "2024-12-31", "2024-12-20")]
    [InlineData("commune-officer#an", "18073", "2024-12-31", "2024-12-20")]
    public void Nobody_acts_as_another_unit_or_in_another_role(string client, string unit, string day, string today) =>
        Assert.False(Given.Tree.ActsAs(Given.Actor(client), Roles.CommuneOfficer, Unit(unit, day), Day(today)));

    [Fact]
    public void A_departments_officer_acts_for_his_department_alone()
    {
        var officer = Given.Actor("department-officer@42:SNN#binh");
        var province = Unit("42", "2024-12-31");
        Assert.True(Given.Tree.ActsAs(officer, Roles.DepartmentOfficer, province, Day(Lately), "SNN"));
        Assert.False(Given.Tree.ActsAs(officer, Roles.DepartmentOfficer, province, Day(Lately), "CAT"));
        Assert.True(Given.Tree.ActsAs(officer, Roles.DepartmentOfficer, province, Day(Lately)));
    }

    [Theory]
    [InlineData("province-officer@42#x", "18073", "2024-12-31", true)]
    [InlineData("province-officer@42#x", "18073", "2025-12-31", true)]
    [InlineData("province-officer@42#x", "42", "2025-12-31", true)]
    [InlineData("district-officer@436#x", "18073", "2024-12-31", true)]
    [InlineData("district-officer@436#x", "18073", "2025-12-31", false)]
    [InlineData("district-officer@437#x", "18073", "2024-12-31", false)]
    [InlineData("district-officer@446#x", "18685", "2024-12-31", true)]
    [InlineData("district-officer@446#x", "18685", "2025-06-30", false)]
    [InlineData("district-officer@436#x", "18685", "2024-12-31", false)]
    [InlineData("district-officer@436#x", "18685", "2025-06-30", true)]
    [InlineData("district-officer@436#x", "42", "2024-12-31", false)]
    [InlineData("commune-officer@18073#x", "18073", "2024-12-31", true)]
    [InlineData("commune-officer@18073#x", "18070", "2023-12-31", false)]
    public void The_tree_of_the_records_day_says_who_is_above(string client, string unit, string day, bool above)
    {
        var actor = Given.Actor(client);
        Assert.Equal(above, Given.Tree.Oversees(actor, actor.Grants[0].Role, Unit(unit, day), Day(day), Day("2025-03-31")));
    }

    [Fact]
    public void Who_is_above_in_one_role_is_not_so_in_another() =>
        Assert.False(Given.Tree.Oversees(Given.Actor("province-officer@42#x"), Roles.DistrictOfficer, Unit("18073", "2024-12-31"), Given.EndOf2024, Day(Lately)));

    [Theory]
    [InlineData("auditor@0#x", true)]
    [InlineData("commune-officer@18073#x", true)]
    [InlineData("district-officer@436#x", true)]
    [InlineData("province-officer@42#x", true)]
    [InlineData("department-officer@42:SNN#x", true)]
    [InlineData("commune-officer@18652#x", false)]
    [InlineData("district-officer@437#x", false)]
    [InlineData("ministry@0#x", false)]
    [InlineData("operator@0#x", false)]
    [InlineData("auditor#x", false)]
    public void A_unit_is_read_by_its_own_by_those_above_and_by_the_auditor(string client, bool may) =>
        Assert.Equal(may, Given.Tree.MayRead(Given.Actor(client), Unit("18073", "2024-12-31"), Given.EndOf2024, Day(Lately)));

    [Fact]
    public void After_the_districts_are_gone_they_read_nothing_new() =>
        Assert.False(Given.Tree.MayRead(Given.Actor("district-officer@436#x"), Unit("18073", "2025-12-31"), Given.EndOf2025, Day(Lately)));

    private static Guid Unit(string code, string day) => Given.Unit(code, Day(day)).Id;

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");
}
