# One account: the role, for the main branch and the environment aws-read-only of one repository.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}

variable "owner_id" {
  description = "Id of the owner on GitHub: gh api repos/acme/security --jq .owner.id"
  type        = string
}

variable "repository_id" {
  description = "Id of the GitHub repository: gh api repos/acme/security --jq .id"
  type        = string
}

provider "aws" {
  region = "eu-west-1"
}

module "scanner" {
  source = "../../github-role"

  trusted = [{
    repository    = "acme/security"
    owner_id      = var.owner_id
    repository_id = var.repository_id
    refs          = ["refs/heads/main"]
    environments  = ["aws-read-only"]
  }]
}

output "role_arn" {
  description = "For the action's input role-arn."
  value       = module.scanner.role_arn
}
