# The trust policy of a role for GitHub Actions, as text.

locals {
  # arn:aws:iam::123456789012:oidc-provider/ISSUER; the issuer is the prefix of the condition keys.
  issuer    = regex("oidc-provider/(.+)$", var.provider_arn)[0]
  partition = regex("^arn:([^:]+):", var.provider_arn)[0]

  check_repository_id = coalesce(var.check_repository_id, local.partition == "aws" && local.issuer == "token.actions.githubusercontent.com")

  # owner@1/name@2 -> [owner, 1, name, 2]; an id that is not there is "".
  parsed = [for t in var.trusted : [for part in regex("^([^@/]+)@?([0-9]*)/([^@/]+)@?([0-9]*)$", t.repository) : part == null ? "" : part]]

  repositories = [for i, t in var.trusted : merge(t, {
    owner         = local.parsed[i][0]
    name          = local.parsed[i][2]
    owner_id      = try(coalesce(t.owner_id, local.parsed[i][1]), "")
    repository_id = try(coalesce(t.repository_id, local.parsed[i][3]), "")
    forms         = t.subject_forms == null ? ["ids", "names"] : t.subject_forms
    contradictory = (
      t.owner_id != null && !contains([t.owner_id, ""], local.parsed[i][1])
      || t.repository_id != null && !contains([t.repository_id, ""], local.parsed[i][3])
    )
    # GitHub writes a colon in a value as %3A.
    contexts = concat(
      [for r in t.refs : "ref:${replace(r, ":", "%3A")}"],
      [for e in t.environments : "environment:${replace(e, ":", "%3A")}"],
      t.pull_request ? ["pull_request"] : [],
    )
  })]

  without_ids   = [for t in local.repositories : t.repository if contains(t.forms, "ids") && (t.owner_id == "" || t.repository_id == "")]
  contradictory = [for t in local.repositories : t.repository if t.contradictory]

  # The ways in which a token may name a repository, each whole.
  spellings = [for t in local.repositories : concat(
    contains(t.forms, "ids") ? ["repo:${t.owner}@${t.owner_id}/${t.name}@${t.repository_id}"] : [],
    contains(t.forms, "names") ? ["repo:${t.owner}/${t.name}"] : [],
  )]

  # Subjects that an owner has customized must still name the repository, and more than that unless a workflow is asked for.
  foreign = flatten([for i, t in local.repositories : [
    for s in t.subjects : s if !anytrue([
      for own in concat(local.spellings[i], t.repository_id == "" ? [] : ["repository_id:${t.repository_id}"]) :
      strcontains(":${s}:", ":${own}:") && (s != own || length(t.workflows) > 0)
    ])
  ]])

  subjects = [for i, t in local.repositories : distinct(concat(
    flatten([for s in local.spellings[i] : [for c in t.contexts : "${s}:${c}"]]),
    t.subjects,
  ))]

  # A statement a repository, so that an id goes with the subjects of its own repository only.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for i, t in local.repositories : {
      Sid       = format("GitHubActions%02d", i + 1)
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = var.provider_arn }
      Condition = {
        StringEquals = merge(
          {
            "${local.issuer}:aud" = var.audience
            "${local.issuer}:sub" = local.subjects[i]
          },
          { for id in(local.check_repository_id ? compact([t.repository_id]) : []) : "${local.issuer}:repository_id" => id },
          { for workflows in(length(t.workflows) > 0 ? [t.workflows] : []) : "${local.issuer}:job_workflow_ref" => workflows },
        )
      }
    }]
  })
}
