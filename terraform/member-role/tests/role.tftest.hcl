# terraform -chdir=terraform/member-role test      (needs the AWS provider; no account: everything is mocked)

mock_provider "aws" {}

variables {
  hub_role_arn = "arn:aws:iam::123456789012:role/scanner-read-only"
}

run "the_hub_alone_with_the_external_id" {
  command = plan

  variables {
    external_id = "acme-scanner"
  }

  assert {
    condition = jsondecode(aws_iam_role.scanner.assume_role_policy).Statement == jsondecode(jsonencode([{
      Sid       = "HubRole"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::123456789012:role/scanner-read-only" }
      Condition = { StringEquals = { "sts:ExternalId" = "acme-scanner" } }
    }]))
    error_message = "Others can assume the role, or the hub cannot."
  }
}

run "without_an_external_id" {
  command = plan

  assert {
    condition     = !can(jsondecode(aws_iam_role.scanner.assume_role_policy).Statement[0].Condition)
    error_message = "An external id is asked for that nobody gave."
  }
}

run "a_user_as_the_hub" {
  command         = plan
  expect_failures = [var.hub_role_arn]

  variables {
    hub_role_arn = "arn:aws:iam::123456789012:user/somebody"
  }
}

run "an_external_id_of_one_character" {
  command         = plan
  expect_failures = [var.external_id]

  variables {
    external_id = "x"
  }
}
