# One account: the role, for the main branch and the environment aws-read-only of one repository.

provider "aws" {
  region = "eu-west-1"
}

module "scanner" {
  source = "../../github-role"

  trusted = [{
    repository   = "acme/security"
    refs         = ["refs/heads/main"]
    environments = ["aws-read-only"]
  }]
}

output "role_arn" {
  value = module.scanner.role_arn
}
