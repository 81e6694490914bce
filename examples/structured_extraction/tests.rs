use super::{extract, models, run};
use catena::{ErrorKind, RunnableExt};

#[tokio::test]
async fn the_letter_is_read_though_the_first_answer_is_wrong() {
    let (model, simulator) = models::choose(|_| None).await.unwrap();
    let invoice = extract(model).invoke(models::LETTER.to_owned()).await.unwrap();
    assert_eq!((invoice.number.as_str(), invoice.items.len(), invoice.total), ("2025-117", 2, 365.5));
    assert_eq!(invoice.due.as_deref(), Some("2025-03-14"));
    let requests = simulator.unwrap().requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].request.body.pointer("/response_format/json_schema/schema").is_some());
    let sent_back = requests[1].request.last_user();
    assert!(sent_back.contains("340 euros") && sent_back.contains("invalid type: string"), "{sent_back}");
}

#[tokio::test]
async fn files_are_read_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.txt");
    std::fs::write(&file, models::LETTER).unwrap();
    let file = file.display().to_string();
    let invoices = run(vec![file.clone(), file], |_| None).await.unwrap();
    assert_eq!(invoices.len(), 2);
    assert_eq!(invoices[0], invoices[1]);
    let error = run(vec!["/nowhere/letter.txt".to_owned()], |_| None).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.to_string().contains("/nowhere/letter.txt"), "{error}");
}
