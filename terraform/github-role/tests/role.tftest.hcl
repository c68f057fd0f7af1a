# terraform -chdir=terraform/github-role test      (needs the AWS provider; no account: everything is mocked)

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  trusted = [{ repository = "acme/security", owner_id = 11, repository_id = 22, environments = ["aws-read-only"] }]
}

run "one_account" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.scanner.assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The trust policy does not name GitHub's provider in this account."
  }
  assert {
    condition     = toset(output.subjects) == toset(["repo:acme@11/security@22:environment:aws-read-only", "repo:acme/security:environment:aws-read-only"])
    error_message = "The role can be assumed from elsewhere, or not from where it should."
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && length(aws_iam_role_policy.chain) == 0
    error_message = "One account needs GitHub's provider, and no right to assume other roles."
  }
  assert {
    condition     = length(aws_iam_policy.read) == length(aws_iam_role_policy_attachment.read)
    error_message = "A policy is not attached."
  }
  assert {
    condition     = length(aws_iam_role_policy.security_hub) == 0
    error_message = "A role that nobody asked to write may write."
  }
}

run "into_security_hub" {
  command = plan

  variables {
    security_hub = true
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.security_hub[0].policy).Statement : statement.Action] == ["securityhub:BatchImportFindings"]
    error_message = "The role may write more than findings, or not those."
  }
}

run "a_hub" {
  command = plan

  variables {
    create_oidc_provider = false
    member_role_name     = "scanner-member-read-only"
    organization_id      = "o-a1b2c3d4e5"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "The provider is there already and must not be made again."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.chain[0].policy).Statement[0].Resource == "arn:aws:iam::*:role/scanner-member-read-only"
    error_message = "The hub may assume other roles than the members'."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.chain[0].policy).Statement[0].Condition.StringEquals["aws:ResourceOrgID"] == "o-a1b2c3d4e5"
    error_message = "The hub may assume roles outside the organization."
  }
}

run "an_issuer_with_https" {
  command         = plan
  expect_failures = [var.issuer]

  variables {
    issuer = "https://token.actions.githubusercontent.com"
  }
}

run "a_session_of_a_day" {
  command         = plan
  expect_failures = [var.max_session_duration]

  variables {
    max_session_duration = 86400
  }
}

run "a_member_role_with_a_path" {
  command         = plan
  expect_failures = [var.member_role_name]

  variables {
    member_role_name = "security/scanner"
  }
}
