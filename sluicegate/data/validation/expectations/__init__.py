"""What a suite can expect besides Great Expectations' own: imported, each class is known by its name there.

    language         expect_column_values_to_be_in_language
    dates            expect_column_values_to_be_dated_within_days, expect_column_newest_date_to_be_within_days
    distribution     expect_column_groups_to_be_covered, expect_column_values_to_be_balanced,
                     expect_column_distribution_to_match_reference
    rights           expect_column_values_to_be_allowed_licences, expect_column_values_to_state_consent
    leakage          expect_column_pair_values_to_not_leak_between_splits

Each of them also runs in Great Expectations alone, on a pandas data frame. Import this package after
`sluicegate.settings.silence_telemetry`, since it imports Great Expectations.
"""

from sluicegate.data.validation.expectations import dates, distribution, language, leakage, rights

__all__ = ["dates", "distribution", "language", "leakage", "rights"]
