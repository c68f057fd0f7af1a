# An organization: the hub role in the security account, the member role everywhere else by a stack set.

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
    repository   = "acme/security"
    environments = ["aws-read-only"]
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
}

output "role_arn" {
  value = module.hub.role_arn
}

output "role_name" {
  value = module.members.role_name
}
