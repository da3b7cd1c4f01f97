# The real trials of data/*.csv, coded for analysis.

read <- function(name) read.csv(file.path("data", paste0(name, ".csv")), na.strings = "")
levelled <- function(x, ...) factor(x, c(...))

respiratory <- read("respiratory") |> transform(
  treat = levelled(treat, "P", "A"), center = factor(center), sex = levelled(sex, "F", "M"),
  person = paste(center, id, sep = "-")
)
strep_tb <- read("strep_tb") |> transform(
  improved = as.numeric(improved == "True"), arm = levelled(arm, "Control", "Streptomycin"),
  gender = levelled(gender, "F", "M")
)
indo_rct <- subset(read("indo_rct"), site != "4_Case") |> transform(
  outcome = as.numeric(outcome == "1_yes"), site = factor(site), rx = factor(rx)
)
diabetes2 <- read("diabetes2") |> transform(
  failure = as.numeric(outcome == "failure"),
  treatment = levelled(treatment, "met", "rosi", "lifestyle")
)
BtheB <- subset(read("BtheB"), !is.na(bdi.8m)) |> transform(
  responder = as.numeric((bdi.pre - bdi.8m) / bdi.pre >= 0.5),
  treatment = levelled(treatment, "TAU", "BtheB"), length = levelled(length, "<6m", ">6m")
)
