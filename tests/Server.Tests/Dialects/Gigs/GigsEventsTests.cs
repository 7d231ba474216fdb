using System.Text;
using Simkeeper.Core.Deliveries;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Tests.Sims;
using Simkeeper.Server.Dialects.Gigs;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

public sealed class GigsEventsTests
{
    [Theory]
    [InlineData(SimStatus.New, SimStatus.Ready, "sim.updated sim.activated")]
    [InlineData(SimStatus.New, SimStatus.Active, "sim.updated sim.activated")]
    [InlineData(SimStatus.Ready, SimStatus.Active, "")]
    [InlineData(SimStatus.Active, SimStatus.Suspended, "sim.updated sim.deactivated")]
    [InlineData(SimStatus.Suspended, SimStatus.Deactivated, "")]
    [InlineData(SimStatus.Deactivated, SimStatus.Active, "sim.updated sim.activated")]
    [InlineData(SimStatus.Deactivated, SimStatus.Canceled, "sim.updated sim.retired")]
    public void A_status_is_told_where_Gigs_shows_another(SimStatus from, SimStatus to, string types) =>
        Assert.Equal(types, Types(Sample.Sim(from), Sample.Sim(to)));

    [Fact]
    public void What_Gigs_does_not_show_is_not_told()
    {
        var sim = Sample.Sim(SimStatus.Active);

        Assert.Equal("", Types(sim, sim with
        {
            FriendlyName = "Pump",
            UniqueName = "pump",
            RatePlanId = Guid.Empty,
            Progress = Progress.Updating,
            DataBytes = 7,
            Hooks = new Dictionary<string, string> { ["sms_url"] = "https://example.com/" },
            UpdatedAt = Sample.Quarter,
        }));
    }

    [Fact]
    public void Metadata_counts_by_content()
    {
        var sim = Sample.Sim(SimStatus.New) with { Metadata = Metadata.Of([new("a", "1"), new("b", "2")]) };

        Assert.Equal("", Types(sim, sim with { Metadata = Metadata.Of([new("b", "2"), new("a", "1")]) }));
        Assert.Equal("sim.updated", Types(sim, sim with { Metadata = Metadata.Of([new("a", "1"), new("b", "3")]) }));
        Assert.Equal("sim.updated", Types(sim, sim with { Metadata = Metadata.Of([new("a", "1"), new("c", "2")]) }));
        Assert.Equal("sim.updated", Types(sim, sim with { Metadata = Metadata.Empty }));
    }

    [Fact]
    public void A_SIM_comes_goes_and_moves()
    {
        var sim = Sample.Sim(SimStatus.New);
        var moved = sim with { AccountId = Sample.Subaccount };

        Assert.Equal("sim.created", Types(null, sim));
        Assert.Equal("sim.deleted", Types(sim, null));
        Assert.Equal("sim.deleted sim.created", Types(sim, moved));
        Assert.Equal([Sample.Account, Sample.Subaccount], GigsEvents.Of(sim, moved, true).Select(happened => happened.Sim.AccountId));
    }

    [Theory]
    [InlineData(ProfileStatus.Installed, "eSimProfile.updated eSimProfile.installed")]
    [InlineData(ProfileStatus.Enabled, "eSimProfile.updated eSimProfile.enabled")]
    [InlineData(ProfileStatus.Disabled, "eSimProfile.updated eSimProfile.disabled")]
    [InlineData(ProfileStatus.Deleted, "eSimProfile.updated eSimProfile.deleted")]
    public void A_profile_is_told_where_it_is_shown(ProfileStatus status, string types)
    {
        var sim = Sample.Sim(SimStatus.Active);
        var reported = sim with { ProfileStatus = status, ProfileUpdatedAt = Sample.Now };

        Assert.Equal(types, Types(sim, reported));
        Assert.Empty(GigsEvents.Of(sim, reported, showsProfile: false));
    }

    [Fact]
    public void Every_event_is_of_a_known_type_and_only_those_that_end_in_updated_have_old_values()
    {
        foreach (var from in Enum.GetValues<SimStatus>())
        {
            foreach (var to in Enum.GetValues<SimStatus>())
            {
                var after = Sample.Sim(to) with { ProfileStatus = ProfileStatus.Enabled };
                Assert.All(GigsEvents.Of(Sample.Sim(from), after, true), happened =>
                {
                    Assert.Contains(happened.Type, GigsEvents.Types);
                    Assert.Equal(happened.Type.EndsWith(".updated", StringComparison.Ordinal), happened.Previous is not null);
                });
            }
        }
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("com.gigs.sim.*", true)]
    [InlineData("com.gigs.*", true)]
    [InlineData("com.gigs.sim.retired", true)]
    [InlineData("com.gigs.sim.", false)]
    [InlineData("com.gigs.sim", false)]
    [InlineData("com.gigs.device.*", false)]
    [InlineData("sim.retired", false)]
    [InlineData("", false)]
    public void A_pattern_is_a_type_or_the_start_of_some(string pattern, bool isOne) => Assert.Equal(isOne, GigsEvents.IsPattern(pattern));

    /// <summary>The example of the Standard Webhooks specification's reference libraries.</summary>
    [Fact]
    public void A_webhook_is_signed_as_the_reference_libraries_sign_it() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        StandardWebhooks.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
            Encoding.UTF8.GetBytes("""{"test": 2432232314}""")));

    private static string Types(Sim? before, Sim? after) =>
        string.Join(' ', GigsEvents.Of(before, after, true).Select(happened => happened.Type["com.gigs.".Length..]));
}
