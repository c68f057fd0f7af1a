# A web shop's stack as a pull request would leave it. plan.json beside it is the plan of that pull request, made by hand in the format of
# `terraform show -json` (format_version 1.2): no account, no provider and no credentials are behind it.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

# The pull request takes aws_flow_log.shop away "to save cost": this VPC, which it does not touch, has none afterwards.
resource "aws_vpc" "shop" {
  cidr_block = "10.20.0.0/16"
}

# New. Whether it takes IMDSv2 tokens only is up to its image and the account's default: nobody can tell before it is there.
resource "aws_instance" "worker" {
  ami                  = "ami-0c1d2e3f4a5b6c7d8"
  instance_type        = "t4g.small"
  subnet_id            = "subnet-0d1e2f3a4b5c6d7e8"
  iam_instance_profile = "shop-worker"
}

# Changed for the better: rotation was off.
resource "aws_kms_key" "orders" {
  description         = "Orders"
  enable_key_rotation = true
}

# Changed for the worse, "for the migration". It has never been in two zones, which is not this pull request's doing.
resource "aws_db_instance" "orders" {
  identifier                      = "orders"
  engine                          = "postgres"
  engine_version                  = "17.6"
  instance_class                  = "db.t4g.medium"
  allocated_storage               = 100
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.orders.arn
  username                        = "shop"
  manage_master_user_password     = true
  auto_minor_version_upgrade      = true
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  publicly_accessible             = true
  monitoring_interval             = 60
  monitoring_role_arn             = "arn:aws:iam::111122223333:role/rds-monitoring"
}
