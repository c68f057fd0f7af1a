# Runs without a provider: terraform -chdir=terraform/policy test

run "every_statement_is_in_one_policy" {
  command = plan

  assert {
    condition = sort(flatten([for document in values(output.policies) : [for statement in jsondecode(document).Statement : statement.Sid]])) == sort([
      for statement in jsondecode(file("scanner-policy.json")).Statement : statement.Sid
    ])
    error_message = "A statement is missing from the policies, or stands in two."
  }
}

run "every_policy_fits_and_is_full" {
  command = plan

  assert {
    condition     = alltrue([for document in values(output.policies) : length(document) <= 6144])
    error_message = "A policy is longer than a managed policy may be."
  }
  assert {
    condition     = length(output.policies) <= 1 + ceil(length(jsonencode(jsondecode(file("scanner-policy.json")))) / 5000)
    error_message = "There are more policies than the statements need."
  }
  assert {
    condition     = length(output.policies) <= 10
    error_message = "A role takes ten policies at most."
  }
}
