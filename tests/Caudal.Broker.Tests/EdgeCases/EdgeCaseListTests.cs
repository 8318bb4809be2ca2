using System.Reflection;

namespace Caudal.Broker.Tests.EdgeCases;

/// <summary>The 36 things that break real clients on brokers that are not Apache Kafka, and which tests look at each.</summary>
public class EdgeCaseListTests
{
    private static readonly (int Number, string What, string[] Tests)[] All =
    [
        (1, "ApiVersions that is too new; what else is not known",
            ["A_version_from_the_future_is_answered_in_the_layout_of_version_0", "What_is_not_served_closes_the_connection"]),
        (2, "headers of ApiVersions; names in flexible headers; long arrays", ["Every_version_lists_what_is_served"]),
        (3, "features from level 0 on; software names",
            ["A_malformed_software_name_is_an_invalid_request", "ApiVersions_finalizes_the_second_protocol"]),
        (4, "unknown tags; null and empty lists",
            ["Tags_that_are_not_known_are_skipped", "Null_asks_for_all_topics_and_an_empty_list_for_none_from_version_1_on"]),
        (5, "acks=0",
            [
                "Without_acknowledgement_nothing_is_answered_and_the_next_answer_is_the_next_requests",
                "Without_acknowledgement_an_error_closes_the_connection",
            ]),
        (6, "one sound batch a partition", ["Anything_but_exactly_one_sound_batch_is_refused", "Zstd_needs_version_7"]),
        (7, "duplicates, gaps, wrapping sequence numbers, epochs",
            [
                "A_repeated_batch_of_the_last_five_succeeds_with_its_first_offset_and_a_gap_is_refused",
                "Sequence_numbers_go_on_at_0_after_the_largest_also_inside_a_batch", "A_new_epoch_begins_at_0_and_an_old_one_is_over",
            ]),
        (8, "producers die with the topic and survive the broker",
            ["A_topic_that_is_created_again_knows_no_producer_of_the_former_one", "The_last_five_batches_are_known_after_the_end"]),
        (9, "LogAppendTime", ["Log_append_time_is_told_and_given_to_the_records"]),
        (10, "sizes and times",
            [
                "Too_large_a_batch_is_refused_by_the_topics_own_limit", "A_batch_that_no_segment_holds_is_refused",
                "Records_from_too_far_ahead_are_named",
            ]),
        (11, "limits of a fetch", ["The_first_batch_comes_whole_however_small_the_limits_and_later_partitions_obey_them"]),
        (12, "whole batches", ["Only_whole_batches_come_within_the_limits"]),
        (13, "the end, and beyond", ["The_end_is_empty_and_what_lies_outside_is_out_of_range_at_once"]),
        (14, "fetch sessions",
            [
                "Within_a_session_only_partitions_with_news_are_answered",
                "Forgotten_partitions_are_not_answered_again_and_changed_ones_read_on",
                "An_unknown_session_a_wrong_epoch_and_another_way_of_naming_topics_are_refused",
            ]),
        (15, "topic ids",
            [
                "By_id_an_unknown_topic_is_told_apart_from_a_missing_partition", "Version_10_names_topics_by_id",
                "A_topic_that_is_deleted_and_made_again_does_not_take_the_place_of_the_old_one",
            ]),
        (16, "ListOffsets",
            [
                "Special_times_come_with_their_versions", "A_time_inside_a_compressed_batch_is_found",
                "A_partition_given_twice_is_invalid_and_a_missing_one_unknown",
            ]),
        (17, "leader epochs", ["A_wrong_leader_epoch_is_refused_with_the_right_one", "Placements_and_epochs_survive_a_restart"]),
        (18, "OffsetForLeaderEpoch",
            [
                "The_present_epoch_ends_at_the_end_and_others_are_not_known",
                "After_a_crash_the_epoch_before_ends_where_the_new_one_begins",
            ]),
        (19, "auto-creation",
            [
                "A_missing_topic_is_created_and_described_at_once", "Nothing_is_created_when_the_request_or_the_broker_forbids_it",
                "Producing_never_creates_a_topic", "A_bad_name_is_an_invalid_topic",
            ]),
        (20, "CreateTopics",
            [
                "A_created_topic_is_visible_to_the_next_request",
                "Minus_one_means_the_brokers_defaults_and_the_answer_tells_settings_and_id",
                "Validation_only_creates_nothing", "A_name_given_twice_is_invalid_and_creates_nothing",
            ]),
        (21, "the controller", ["The_broker_is_named_by_the_address_that_was_used_and_is_the_controller"]),
        (22, "FindCoordinator",
            ["A_coordinator_is_found_at_once_in_every_version", "The_coordinator_is_this_broker_by_the_listeners_address"]),
        (23, "waiting fetches",
            [
                "A_fetch_that_waits_is_answered_when_its_time_is_up_and_not_before",
                "A_fetch_waits_for_its_min_bytes_over_all_partitions_together", "A_marker_wakes_a_waiting_reader_of_committed_records",
            ]),
        (24, "joins that wait", ["A_client_that_goes_away_stops_waiting_and_its_member_stays"]),
        (25, "metadata and assignments",
            ["Assignments_reach_their_members_unmodified", "A_member_that_the_leader_forgot_gets_an_empty_assignment"]),
        (26, "unknown groups; deleting and listing",
            [
                "An_unknown_group_is_dead_and_from_version_6_on_an_error", "Only_empty_groups_that_exist_are_deleted",
                "Groups_are_listed_by_state_and_type",
            ]),
        (27, "LeaveGroup",
            ["Errors_before_version_3_are_those_of_the_one_member", "An_administrator_removes_static_members_by_instance_id_one_by_one"]),
        (28, "throttle times", ["Nobody_is_throttled"]),
        (29, "DescribeConfigs", ["Every_topic_setting_has_a_value_set_or_not", "A_bad_setting_is_refused_with_a_hint"]),
        (30, "altered settings", ["Lists_grow_from_the_default_and_shrink", "Replacing_settings_resets_those_that_are_not_named"]),
        (31, "DeleteRecords", ["Records_before_the_offset_are_gone_and_the_next_continues", "What_cannot_be_deleted_says_why"]),
        (32, "codecs", ["A_topic_stores_batches_with_its_own_codec_whatever_came", "A_time_inside_a_compressed_batch_is_found"]),
        (33, "partitions that are added", ["Added_partitions_are_visible_to_the_next_request"]),
        (34, "advertised addresses",
            ["Clients_are_told_the_advertised_address", "Sockets_and_memory_reach_the_same_broker_by_the_same_name"]),
        (35, "idle connections; the end",
            [
                "A_silent_connection_is_closed_but_not_one_whose_fetch_waits", "A_stopped_broker_frees_its_port_at_once",
                "Stopping_the_broker_ends_the_wait",
            ]),
        (36, "the broker's own topics",
            ["The_brokers_own_topics_take_records_from_the_admin_client_only", "The_offsets_topic_is_internal"]),
    ];

    [Fact]
    public void Each_of_the_36_has_a_test()
    {
        var tests = typeof(EdgeCaseListTests).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(m => m.GetCustomAttributes<FactAttribute>().Any())
            .Select(m => m.Name)
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal(Enumerable.Range(1, 36), All.Select(c => c.Number));
        Assert.All(All, c => Assert.NotEmpty(c.Tests));
        Assert.Empty(All.SelectMany(c => c.Tests).Except(tests));
    }
}
