# Runs without a provider: terraform -chdir=terraform/github-trust test

variables {
  provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}

run "both_forms_with_ids" {
  command = plan

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, refs = ["refs/heads/main"], environments = ["prod:eu"] }]
  }

  assert {
    condition = toset(output.subjects) == toset([
      "repo:acme@11/security@22:ref:refs/heads/main",
      "repo:acme@11/security@22:environment:prod%3Aeu",
      "repo:acme/security:ref:refs/heads/main",
      "repo:acme/security:environment:prod%3Aeu",
    ])
    error_message = "The subjects are not those that GitHub sends."
  }
  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:repository_id"] == "22"
    error_message = "The repository's id is not asked for."
  }
}

run "the_token_s_own_spelling" {
  command = plan

  variables {
    trusted = [{ repository = "acme@11/security@22", subject_forms = ["ids"], refs = ["refs/heads/main"], workflows = ["acme/security/.github/workflows/scan.yml@refs/heads/main"] }]
  }

  assert {
    condition     = join(" ", output.subjects) == "repo:acme@11/security@22:ref:refs/heads/main"
    error_message = "The ids in the name are not taken."
  }
  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:job_workflow_ref"][0] == "acme/security/.github/workflows/scan.yml@refs/heads/main"
    error_message = "The workflow is not asked for."
  }
}

run "other_issuers_and_partitions_have_no_repository_id" {
  command = plan

  variables {
    provider_arn = "arn:aws-us-gov:iam::123456789012:oidc-provider/github.example.com/_services/token"
    trusted      = [{ repository = "acme/security", subject_forms = ["names"], environments = ["aws"] }]
  }

  assert {
    condition     = join(" ", keys(jsondecode(output.policy).Statement[0].Condition.StringEquals)) == "github.example.com/_services/token:aud github.example.com/_services/token:sub"
    error_message = "The condition keys are not those of the issuer."
  }
}

run "missing_ids" {
  command         = plan
  expect_failures = [output.policy]

  variables {
    trusted = [{ repository = "acme/security", refs = ["refs/heads/main"] }]
  }
}

run "an_id_that_contradicts_the_name" {
  command         = plan
  expect_failures = [output.policy]

  variables {
    trusted = [{ repository = "acme@11/security@22", repository_id = 23, refs = ["refs/heads/main"] }]
  }
}

run "a_wildcard_in_the_repository" {
  command         = plan
  expect_failures = [var.trusted]

  variables {
    trusted = [{ repository = "acme/*", owner_id = 11, repository_id = 22, refs = ["refs/heads/main"] }]
  }
}

run "a_wildcard_in_a_ref" {
  command         = plan
  expect_failures = [var.trusted]

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, refs = ["refs/heads/*"] }]
  }
}

run "a_policy_variable_in_an_environment" {
  command         = plan
  expect_failures = [var.trusted]

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, environments = ["$${aws:username}"] }]
  }
}

run "no_ref_and_no_environment" {
  command         = plan
  expect_failures = [var.trusted]

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22 }]
  }
}

run "pull_requests_without_a_reason" {
  command         = plan
  expect_failures = [var.trusted]

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, pull_request = true }]
  }
}

run "pull_requests_with_a_reason" {
  command = plan

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, pull_request = true, pull_request_reason = "two people, both may read the account anyway" }]
  }

  assert {
    condition     = toset(output.subjects) == toset(["repo:acme@11/security@22:pull_request", "repo:acme/security:pull_request"])
    error_message = "The subjects are not those of a pull request."
  }
}

run "a_customized_subject_of_somebody_else" {
  command         = plan
  expect_failures = [output.policy]

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, subjects = ["repository_owner:acme"] }]
  }
}

run "a_policy_longer_than_IAM_takes" {
  command         = plan
  expect_failures = [output.policy]

  variables {
    trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, environments = [for i in range(60) : "environment-number-${i}"] }]
  }
}
