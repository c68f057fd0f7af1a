# terraform -chdir=terraform/organization test      (needs the AWS provider; no account: everything is mocked)

mock_provider "aws" {}

variables {
  hub_role_arn            = "arn:aws:iam::123456789012:role/scanner-read-only"
  organizational_unit_ids = ["r-a1b2"]
}

run "members_and_the_management_account" {
  command = plan

  variables {
    external_id = "acme-scanner"
  }

  assert {
    condition     = length(module.management) == 1
    error_message = "The management account gets no role: service-managed stack sets do not reach it."
  }
  assert {
    condition = jsonencode(jsondecode(aws_cloudformation_stack_set.scanner.template_body).Resources.Role.Properties.AssumeRolePolicyDocument.Statement) == jsonencode([{
      Sid       = "HubRole"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::123456789012:role/scanner-read-only" }
      Condition = { StringEquals = { "sts:ExternalId" = "acme-scanner" } }
    }])
    error_message = "The members' role can be assumed by others, or not by the hub."
  }
  assert {
    condition     = !strcontains(aws_cloudformation_stack_set.scanner.template_body, "Import")
    error_message = "Without security_hub the members' role may write."
  }
  assert {
    condition     = length(aws_cloudformation_stack_set.scanner.template_body) <= 51200
    error_message = "A template given as text has 51,200 characters at most."
  }
  assert {
    condition = alltrue([for p in concat(aws_cloudformation_stack_set.scanner.operation_preferences, aws_cloudformation_stack_set_instance.scanner.operation_preferences) :
      p.failure_tolerance_percentage == 10 && p.max_concurrent_percentage == 25
    ])
    error_message = "The roll-out goes on when it fails."
  }
}

run "into_security_hub" {
  command = plan

  variables {
    security_hub = true
  }

  assert {
    condition = [for policy in jsondecode(aws_cloudformation_stack_set.scanner.template_body).Resources.Role.Properties.Policies :
      [policy.PolicyName, [for statement in policy.PolicyDocument.Statement : [statement.Effect, statement.Action, statement.Resource]]]
    ] == [["import-into-security-hub", [["Allow", "securityhub:BatchImportFindings", "arn:*:securityhub:*:*:product/*/default"]]]]
    error_message = "With security_hub the members' role may not import findings, or more than that."
  }
}

run "a_delegated_administrator" {
  command = plan

  variables {
    call_as = "DELEGATED_ADMIN"
  }

  assert {
    condition     = length(module.management) == 0 && output.management_account_role_arn == null
    error_message = "A delegated administrator cannot make roles in the management account."
  }
}

run "a_delegated_administrator_that_asks_for_the_management_account" {
  command         = plan
  expect_failures = [aws_cloudformation_stack_set.scanner]

  variables {
    call_as                 = "DELEGATED_ADMIN"
    management_account_role = true
  }
}

run "a_roll_out_that_may_fail_everywhere" {
  command         = plan
  expect_failures = [var.failure_tolerance_percentage]

  variables {
    failure_tolerance_percentage = 100
  }
}

run "an_account_instead_of_a_unit" {
  command         = plan
  expect_failures = [var.organizational_unit_ids]

  variables {
    organizational_unit_ids = ["123456789012"]
  }
}
