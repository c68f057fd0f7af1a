terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 5.81 made thumbprint_list optional: AWS checks GitHub's certificate against its own trust store.
      version = ">= 5.81"
    }
  }
}
