using System.Globalization;
using System.Text;
using Ntm.Gateway.Tokens;

namespace Ntm.Gateway.Tests;

public sealed class ClientIdTests
{
    [Theory]
    [InlineData("commune-officer@18073", "commune-officer@18073", null)]
    [InlineData("commune-officer@18073~2024-12-31#an", "commune-officer@18073~2024-12-31", "an")]
    [InlineData("department-officer@42:SNN#binh", "department-officer@42:SNN", "binh")]
    [InlineData("department-officer@42:SNN~2024-02-29#binh", "department-officer@42:SNN~2024-02-29", "binh")]
    [InlineData("council-member@42#1", "council-member@42", "1")]
    [InlineData("ministry@0", "ministry@0", null)]
    [InlineData("operator@0#trực-ban", "operator@0", "trực-ban")]
    [InlineData("auditor@0", "auditor@0", null)]
    [InlineData("district-officer@436#an.nguyen_2", "district-officer@436", "an.nguyen_2")]
    [InlineData("front-officer@42#Đặng", "front-officer@42", "Đặng")]
    [InlineData("province-chair@42#chu-tich", "province-chair@42", "chu-tich")]
    public void A_pair_is_read(string text, string right, string? person)
    {
        var client = Parsed(text);
        Assert.Equal(right, Assert.Single(client.Pairs).ToString());
        Assert.Equal(person, client.Person);
        Assert.Equal(person ?? text, client.Subject);
    }

    [Fact]
    public void Pairs_keep_their_order_and_share_the_person()
    {
        var client = Parsed("commune-officer@18073~2024-12-31#an+province-officer@42");
        Assert.Equal(["commune-officer@18073~2024-12-31", "province-officer@42"], client.Pairs.Select(pair => pair.ToString()));
        Assert.Equal("an", client.Subject);
    }

    [Fact]
    public void The_same_person_twice_is_one_and_the_same_pair_twice_is_one()
    {
        var client = Parsed("commune-officer@18073#an+district-officer@436#an+commune-officer@18073#an");
        Assert.Equal(2, client.Pairs.Length);
        Assert.Equal("an", client.Person);
    }

    [Fact]
    public void Two_pairs_without_a_person_are_their_own_person()
    {
        var client = Parsed("commune-officer@18073+district-officer@436");
        Assert.Equal("commune-officer@18073+district-officer@436", client.Subject);
    }

    [Fact]
    public void The_same_name_in_two_spellings_of_Unicode_is_the_same_person()
    {
        const string Composed = "commune-officer@18073#Ngọc";
        Assert.Equal(Parsed(Composed).Subject, Parsed(Composed.Normalize(NormalizationForm.FormD)).Subject);
    }

    [Fact]
    public void The_day_is_a_day() =>
        Assert.Equal(new DateOnly(2024, 12, 31), Assert.Single(Parsed("commune-officer@18073~2024-12-31").Pairs).Day);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("commune-officer")]
    [InlineData("commune-officer@")]
    [InlineData("@18073")]
    [InlineData("mayor@18073")]
    [InlineData("Commune-Officer@18073")]
    [InlineData("commune-officer@0")]
    [InlineData("commune-officer@00000")]
    [InlineData("commune-officer@abc")]
    [InlineData("commune-officer@180731")]
    [InlineData("commune-officer@١٨٠٧٣")]
    [InlineData("commune-officer@18073:")]
    [InlineData("commune-officer@18073~")]
    [InlineData("commune-officer@18073#")]
    [InlineData("commune-officer@18073~2024-02-30")]
    [InlineData("commune-officer@18073~31-12-2024")]
    [InlineData("commune-officer@18073~2024-12-31T00:00")]
    [InlineData("commune-officer@18073#an~2024-12-31#binh")]
    [InlineData("commune-officer@18073#an#binh")]
    [InlineData("commune-officer@18073@18074")]
    [InlineData("commune-officer@18073#an+district-officer@436#binh")]
    [InlineData("commune-officer@18073+")]
    [InlineData("+commune-officer@18073")]
    [InlineData("commune-officer@18073++auditor@0")]
    [InlineData("commune-officer@18073 auditor@0")]
    [InlineData("ministry@42")]
    [InlineData("ministry")]
    [InlineData("ministry@")]
    [InlineData("ministry@00")]
    [InlineData("operator@18073")]
    [InlineData("auditor@0:SNN")]
    [InlineData("commune-officer@18073#an\n")]
    [InlineData("commune-officer@18073#an\r\nX-Evil: 1")]
    [InlineData("commune-officer@18073#an\0")]
    [InlineData("commune-officer@18073#a\u200bn")]
    [InlineData("commune-officer@18073#\u0301an")]
    [InlineData("commune-officer@18073#'; drop table x;--")]
    [InlineData("commune-officer@18073#<script>")]
    [InlineData("commune-officer@18073#../../etc")]
    [InlineData("department-officer@42:S/N")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(ClientId.TryParse(text, out var client, out var refusal));
        Assert.Null(client);
        Assert.Matches(@"\A[\x20-\x21\x23-\x5b\x5d-\x7e]+\z", refusal);
    }

    /// <summary>A test runner cannot carry a lone surrogate in an attribute.</summary>
    [Fact]
    public void A_lone_surrogate_is_refused() => Assert.False(ClientId.TryParse("commune-officer@18073#a" + '\ud800', out _, out _));

    [Fact]
    public void Length_and_number_of_pairs_are_bounded()
    {
        Assert.False(ClientId.TryParse("commune-officer@18073#" + new string('a', 65), out _, out _));
        Assert.False(ClientId.TryParse(new string('a', 10_000), out _, out _));
        var many = string.Join('+', Enumerable.Range(1, 9).Select(n => "commune-officer@" + n.ToString(CultureInfo.InvariantCulture)));
        Assert.False(ClientId.TryParse(many, out _, out _));
    }

    private static ClientId Parsed(string text)
    {
        Assert.True(ClientId.TryParse(text, out var client, out var refusal), refusal);
        return client;
    }
}
