# An organization: the hub role in the security account, the member role everywhere else: by a stack set in the member
# accounts, by itself in the management account.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "owner_id" {
  description = "Id of the GitHub organization: gh api repos/acme/security --jq .owner.id"
  type        = string
}

variable "repository_id" {
  description = "Id of the GitHub repository: gh api repos/acme/security --jq .id"
  type        = string
}

variable "external_id" {
  description = "External id that the member roles ask for; any text of your own, the same in the action's input external-id."
  type        = string
}

provider "aws" {
  alias  = "security"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "management"
  region = "us-east-1"
}

data "aws_organizations_organization" "this" {
  provider = aws.management
}

module "hub" {
  source    = "../../github-role"
  providers = { aws = aws.security }

  trusted = [{
    repository    = "acme/security"
    owner_id      = var.owner_id
    repository_id = var.repository_id
    environments  = ["aws-read-only"]
  }]
  member_role_name = "scanner-member-read-only"
  organization_id  = data.aws_organizations_organization.this.id
}

module "members" {
  source    = "../../organization"
  providers = { aws = aws.management }

  hub_role_arn            = module.hub.role_arn
  organizational_unit_ids = [data.aws_organizations_organization.this.roots[0].id]
  role_name               = "scanner-member-read-only"
  external_id             = var.external_id
}

output "role_arn" {
  description = "For the action's input role-arn."
  value       = module.hub.role_arn
}

output "role_name" {
  description = "For the action's input role-name."
  value       = module.members.role_name
}
